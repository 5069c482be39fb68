int good(struct lamp *lamp)
{
	struct room *room = room_get(lamp);
	int err;

	err = power_up(&lamp->power);
	if (err)
		goto put;
	err = wick_register(lamp, GFP_KERNEL);
	if (err) {
		lamp_warn(lamp, "no wick: %d\n", err);
		goto off;
	}
	return 0;
off:
	lamp_write(lamp, LAMP_OFF);
	power_down(&lamp->power);
put:
	room_put(room);
	return err;
}

int chance(struct lamp *lamp)
{
	int err;

	lamp_show(lamp);
	LAMP_OF(lamp);
	err = lamp_light(lamp);
	if (err) {
		lamp_free(lamp);
		error_release(err);
		return err;
	}
	mutex_unlock(&lamp->lock);
	lamp_look(lamp);
	if (lamp->dark)
		goto out;
	mutex_lock(&lamp->lock);
out:
	return 0;
}

int lamp_probe(struct lamp *lamp)
{
	lamp->room.clock = clock_make(lamp);
	lamp->number = lamp->ops->make(lamp);
	lamp->dev = to_dev(lamp);
	return 0;
}

void lamp_remove(struct lamp *lamp)
{
	clock_free(lamp->room.clock);
	number_free(lamp->number);
	dev_put(lamp->dev);
	clock_read(lamp->room.clock);
}

void lamp_tick(struct lamp *lamp)
{
	clock_reset(lamp->room.clock);
}

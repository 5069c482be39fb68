static int allocation_bad(struct room *room)
{
	int ret;

	ret = room_check(room);
	if (ret)
		return ret;

	room->lamp = kzalloc(sizeof(*room->lamp), GFP_KERNEL);
	if (!room->lamp)
		goto err_room;
	return 0;

err_room:
	room_close(room);
	return ret;
}

static int error_pointer_bad(struct room *room)
{
	struct lamp *lamp;
	int err = 0;

	lamp = lamp_open(room);
	if (IS_ERR(lamp)) {
		dev_err(room->dev, "no lamp\n");
		goto fail;
	}
	return lamp_light(lamp);

fail:
	room_close(room);
	return err;
}

static int returned_bad(struct room *room)
{
	struct lamp *lamp;
	int ret = room_check(room);

	if (ret < 0)
		return ret;
	if (ret > 0)
		return -EBUSY;
	lamp = lamp_open(room);
	if (IS_ERR(lamp))
		return ret;
	return lamp_light(lamp);
}

static int set_good(struct room *room)
{
	int ret;

	ret = room_check(room);
	if (ret)
		return ret;

	room->lamp = kzalloc(sizeof(*room->lamp), GFP_KERNEL);
	if (!room->lamp) {
		ret = -ENOMEM;
		goto err_room;
	}
	return 0;

err_room:
	room_close(room);
	return ret;
}

static int set_before_good(struct room *room)
{
	int ret = -ENOMEM;

	room->lamp = kzalloc(sizeof(*room->lamp), GFP_KERNEL);
	if (!room->lamp)
		goto err_room;
	return 0;

err_room:
	room_close(room);
	return ret;
}

static int nothing_to_do_good(struct room *room)
{
	struct lamp *lamp;
	int ret = 0;

	lamp = room_first(room);
	if (!lamp)
		goto out;
	ret = lamp_light(lamp);
out:
	room_close(room);
	return ret;
}

static int set_at_the_label_good(struct room *room)
{
	int ret = room_check(room);

	if (ret)
		return ret;
	room->lamp = kzalloc(sizeof(*room->lamp), GFP_KERNEL);
	if (!room->lamp)
		goto err_nomem;
	return 0;

err_nomem:
	ret = -ENOMEM;
	return ret;
}

static int by_pointer_good(struct room *room)
{
	struct lamp *lamp;
	int ret = 0;

	lamp = lamp_open_with(room, &ret);
	if (!lamp)
		goto err;
	return 0;
err:
	return ret;
}

int shared_way_out_good(struct lamp *lamp, bool state)
{
	int ret = 0;

	lamp_lock(lamp);
	if (!state)
		goto err_unlock;
	ret = lamp_start(lamp);
err_unlock:
	lamp_unlock(lamp);
	return ret;
}

void straight(struct lamp *lamp)
{
	always(lamp);
	if (lamp->lit)
		in_branch(lamp);
	else
		in_else(lamp);
	lamp->lit && behind_and(lamp);
	switch (lamp->colour) {
	case RED:
		in_switch(lamp);
	}
	lamp->lit ? in_choice(lamp) : 0;
	at_the_end(lamp);
}

int exits(struct lamp *lamp, bool wait)
{
	int err;

	if (!lamp)
		return 0;
	err = first(lamp);
	if (err)
		return err;
	if (IS_ERR(lamp->room))
		return PTR_ERR(lamp->room);
	after_failures(lamp);
	if (!wait)
		return 0;
	after_success(lamp);
	return 0;
}

int shortcut(struct lamp *lamp)
{
	if (lamp->cached)
		goto out;
	skipped(lamp);
out:
	reached(lamp);
	return 0;
}

int again(struct lamp *lamp)
{
retry:
	tried(lamp);
	if (lamp->busy)
		goto retry;
	after_retry(lamp);
	return 0;
}

int unwinding(struct lamp *lamp)
{
	int err = power_up(lamp);

	if (err)
		goto err_power;
	works(lamp);
	return 0;
err_power:
	power_down(lamp);
	return err;
}

void tests(struct lamp *lamp, struct room *room, int drop)
{
	if (lamp)
		put_lamp(lamp);
	if (!IS_ERR_OR_NULL(room))
		put_part(&room->part);
	if (room)
		put_other(lamp);
	if (drop)
		put_number(drop);
}

void loops(struct lamp *lamp, int count)
{
	int i;

	for (i = 0; i < count; i++)
		in_loop(lamp);
	list_for_each_entry(lamp, &lamps, node) {
		if (lamp->broken)
			goto found;
		in_iterator(lamp);
	}
	behind_loop(lamp);
found:
	finished(lamp);
}

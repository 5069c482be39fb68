struct lamp *lamp_make(struct room *room, int (*done)(int), char *name[2], gfp_t flags)
{
	struct lamp *lamp = lamp_alloc(room, sizeof(*lamp), f(1, 2), "a, \"b", ',', &(struct size){1, 2});
	int err, tries;

	tries = room->ops->count(room, lamp);
	*lamp->out = lamp_number();
	err = (lamp_check(lamp));
	lamp_show(lamp);
	list_for_each_entry(lamp, &room->lamps, node)
		lamp_dim(lamp);
	if (err)
		return (lamp_fail(room));
	return lamp;
}

static int nothing(void)
{
	return 0;
}

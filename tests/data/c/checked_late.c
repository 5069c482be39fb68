static int declared_bad(struct lamp *lamp)
{
	struct room *room = lamp->room;

	if (!lamp)
		return -EINVAL;
	return room_light(room);
}

static int statement_bad(struct lamp *lamp, int number)
{
	int ret;

	ret = room_light(lamp->room);
	if (ret)
		return ret;
	if (number > 3 || lamp == NULL)
		return -EINVAL;
	return 0;
}

static int checked_first_good(struct lamp *lamp)
{
	struct room *room;

	if (!lamp)
		return -EINVAL;
	room = lamp->room;
	return room_light(room);
}

static int set_between_good(struct lamp *lamp)
{
	int number = lamp->number;

	lamp = lamp_next(number);
	if (!lamp)
		return -EINVAL;
	return lamp->number;
}

static int set_in_branch_good(struct lamp *lamp)
{
	int number = lamp->number;

	if (number > 3)
		lamp = lamp_next(number);
	if (!lamp)
		return -EINVAL;
	return lamp->number;
}

static int set_by_loop_good(struct lamp *lamp)
{
	int number = lamp->number;

	for (; lamp; lamp = lamp->next)
		number++;
	if (!lamp)
		return number;
	return 0;
}

static int set_through_pointer_good(struct lamp *lamp)
{
	int number = lamp->number;

	lamp_get(&lamp, number);
	if (!lamp)
		return number;
	return 0;
}

static int address_good(struct lamp *lamp)
{
	struct list_head *list = &lamp->list;
	int size = sizeof(lamp->name);

	if (!lamp)
		return -EINVAL;
	return list_add_to(list, size);
}

static int other_branch_good(struct lamp *lamp, int number)
{
	if (number > 3)
		number = lamp->number;
	if (!lamp)
		return -EINVAL;
	return number;
}

static int member_good(struct lamp *lamp)
{
	int number = lamp->number;

	if (!lamp->room)
		return -EINVAL;
	return number;
}

static int written_bad(struct room *room, struct lamp **lamp)
{
	*lamp = room_find(room);
	if (lamp)
		return 0;
	return -ENOENT;
}

static int written_and_asked_good(struct room *room, struct lamp **lamp)
{
	*lamp = room_find(room);
	if (*lamp)
		return 0;
	return -ENOENT;
}

static struct lamp *lamp_open(int number)
{
	if (number < 0)
		return ERR_PTR(-EINVAL);
	return lamps[number];
}

static struct lamp *lamp_find(int number)
{
	if (number < 0)
		return NULL;
	return lamps[number];
}

static struct lamp *lamp_either(int number)
{
	if (number < 0)
		return NULL;
	return number > 8 ? ERR_PTR(-EINVAL) : lamps[number];
}

static struct lamp *lamp_held(int number)
{
	struct lamp *lamp = NULL;

	if (number > 8)
		return ERR_PTR(-EINVAL);
	if (number > 3)
		lamp = lamps[number];
	return lamp;
}

static int null_for_error_bad(void)
{
	struct lamp *lamp = lamp_open(1);

	if (!lamp)
		return -ENODEV;
	return lamp->number;
}

static int null_for_member_bad(struct room *room)
{
	room->lamp = lamp_open(1);
	if (room->lamp == NULL || room->dark)
		return -ENODEV;
	return room->lamp->number;
}

static int error_for_null_bad(void)
{
	struct lamp *lamp;

	lamp = lamp_find(1);
	if (IS_ERR(lamp))
		return PTR_ERR(lamp);
	return lamp->number;
}

static int error_for_allocation_bad(struct device *dev)
{
	struct lamp *lamp = devm_kzalloc(dev, sizeof(*lamp), GFP_KERNEL);

	if (IS_ERR(lamp))
		return PTR_ERR(lamp);
	lamp->number = 1;
	return 0;
}

static int error_good(void)
{
	struct lamp *lamp = lamp_open(1);

	if (IS_ERR(lamp))
		return PTR_ERR(lamp);
	return lamp->number;
}

static int null_good(void)
{
	struct lamp *lamp = lamp_find(1);

	if (!lamp)
		return -ENODEV;
	return lamp->number;
}

static int both_good(void)
{
	struct lamp *lamp = lamp_open(1);

	if (IS_ERR_OR_NULL(lamp))
		return -ENODEV;
	return lamp->number;
}

static int either_good(void)
{
	struct lamp *lamp = lamp_either(1);

	if (!lamp)
		return -ENODEV;
	return lamp->number;
}

static int held_good(void)
{
	struct lamp *lamp = lamp_held(1);

	if (!lamp)
		return -ENODEV;
	return lamp->number;
}

static int set_elsewhere_good(int number)
{
	struct lamp *lamp = NULL;

	if (number)
		lamp = lamp_open(1);
	if (!lamp)
		return -ENODEV;
	return lamp->number;
}

static int unknown_good(void)
{
	struct lamp *lamp = lamp_from_afar(1);

	if (!lamp)
		return -ENODEV;
	return lamp->number;
}

static int both_tests_good(void)
{
	struct lamp *lamp = lamp_open(1);

	if (IS_ERR(lamp))
		return PTR_ERR(lamp);
	if (!lamp)
		return -ENODEV;
	return lamp->number;
}

/* Twins for the check of unchecked allocations: a function that ends in _bad is reported, the others are not. */

static int lamp_add_bad(struct lamp_set *set)
{
	struct lamp *lamp;

	lamp = kzalloc(sizeof(*lamp), GFP_KERNEL);
	lamp->set = set;
	return 0;
}

static int lamp_add_good(struct lamp_set *set)
{
	struct lamp *lamp;

	lamp = kzalloc(sizeof(*lamp), GFP_KERNEL);
	if (!lamp)
		return -ENOMEM;
	lamp->set = set;
	return 0;
}

static int lamp_one_path_bad(struct lamp_set *set, int fast)
{
	u8 *line = kmalloc(64, GFP_KERNEL);

	if (fast && !line)
		return -ENOMEM;
	if (!fast)
		line[0] = 0;
	kfree(line);
	return 0;
}

static int lamp_managed_bad(struct device *dev)
{
	struct lamp *lamp = devm_kzalloc(dev, sizeof(*lamp), GFP_KERNEL);

	*lamp = lamp_default;
	return lamp_register(lamp);
}

static int lamp_address_good(struct lamp_set *set)
{
	struct lamp *lamp = kzalloc(sizeof(*lamp), GFP_KERNEL);
	struct list_head *node = &lamp->node;

	if (!lamp)
		return -ENOMEM;
	list_add(node, &set->lamps);
	return 0;
}

static int lamp_nofail_good(struct lamp_set *set)
{
	struct lamp *lamp = kzalloc(sizeof(*lamp), GFP_KERNEL | __GFP_NOFAIL);

	lamp->set = set;
	return 0;
}

static void lamp_test_good(struct kunit *test)
{
	char *line = kmalloc(64, GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, line);
	line[0] = 0;
	kfree(line);
}

static int lamp_both_good(struct lamp_set *set)
{
	struct lamp *lamp = kzalloc(sizeof(*lamp), GFP_KERNEL);

	if (lamp && lamp->on)
		return lamp_start(lamp);
	return -ENOMEM;
}

static int lamp_handed_over_good(struct lamp_set *set)
{
	struct lamp *lamp = kzalloc(sizeof(*lamp), GFP_KERNEL);

	return lamp_set_add(set, lamp);
}

static int lamp_filled_bad(struct lamp_set *set)
{
	char *name = kzalloc(16, GFP_KERNEL);

	memcpy(name, set->name, 16);
	set->copy = name;
	return 0;
}

static int lamp_filled_good(struct lamp_set *set)
{
	char *name = kzalloc(16, GFP_KERNEL);

	if (name)
		memcpy(name, set->name, 16);
	set->copy = name;
	return 0;
}

static int lamp_judged_where_it_is_made_good(struct lamp_set *set)
{
	struct lamp *lamp;

	BUG_ON(!(lamp = kzalloc(sizeof(*lamp), GFP_KERNEL)));
	lamp->set = set;
	return 0;
}

/* Callees that look at what they are given, and callees that keep it: a leak is a leak through the first kind only. */

static int lamp_measure(struct lamp *lamp, const struct gauge *gauge)
{
	if (!gauge)
		return -EINVAL;
	lamp->level = gauge->level;
	lamp->range[0] = gauge->range;
	return gauge->level > lamp->most ? -ERANGE : 0;
}

static int lamp_measure_twice(struct lamp *lamp, const struct gauge *gauge)
{
	int err = lamp_measure(lamp, gauge);

	return err ? err : lamp_measure(lamp, gauge);
}

static void lamp_fill(struct gauge *gauge, int level)
{
	memset(gauge, 0, sizeof(*gauge));
	mutex_init(&gauge->lock);
	gauge->level = level;
}

static int lamp_keep(struct lamp *lamp, struct gauge *gauge)
{
	lamp->gauge = gauge;
	return 0;
}

static int lamp_keep_deep(struct lamp *lamp, struct gauge *gauge)
{
	return lamp_keep(lamp, gauge);
}

static int lamp_list(struct lamp *lamp, struct gauge *gauge)
{
	list_add(&gauge->node, &lamp->gauges);
	return 0;
}

static struct gauge *lamp_same(struct gauge *gauge)
{
	return gauge;
}

static int lamp_through(int (*lamp_measure)(struct gauge *gauge), struct gauge *gauge)
{
	return lamp_measure(gauge);
}

static int lamp_around(struct lamp *lamp, struct gauge *gauge)
{
	return lamp_around(lamp, gauge);
}

static void lamp_unregister(struct gauge *gauge)
{
	gauge->gone = true;
}

int bad_measured(struct lamp *lamp)
{
	struct gauge *gauge = kzalloc(sizeof(*gauge), GFP_KERNEL);
	int err;

	if (!gauge)
		return -ENOMEM;
	lamp_fill(gauge, 3);
	err = lamp_measure_twice(lamp, gauge);
	if (err)
		return err;
	kfree(gauge);
	return 0;
}

int good_kept(struct lamp *lamp)
{
	struct gauge *gauge = kzalloc(sizeof(*gauge), GFP_KERNEL);

	if (!gauge)
		return -ENOMEM;
	lamp_keep_deep(lamp, gauge);
	return lamp->gone ? -ENODEV : 0;
}

int good_listed(struct lamp *lamp)
{
	struct gauge *gauge = kzalloc(sizeof(*gauge), GFP_KERNEL);

	if (!gauge)
		return -ENOMEM;
	lamp_list(lamp, gauge);
	if (lamp->gone)
		return -ENODEV;
	return 0;
}

int good_unknown(struct lamp *lamp)
{
	struct gauge *gauge = kzalloc(sizeof(*gauge), GFP_KERNEL);

	if (!gauge)
		return -ENOMEM;
	lamp_elsewhere(lamp, gauge);
	if (lamp->gone)
		return -ENODEV;
	kfree(gauge);
	return 0;
}

int bad_mined(struct lamp *lamp)
{
	struct gauge *gauge = gauge_open(lamp);

	if (IS_ERR(gauge))
		return PTR_ERR(gauge);
	if (lamp->gone)
		return -ENODEV;
	gauge_close(gauge);
	return 0;
}

int good_mined(struct lamp *lamp)
{
	struct gauge *gauge = gauge_open(lamp);
	int err = 0;

	if (IS_ERR(gauge))
		return PTR_ERR(gauge);
	if (lamp->gone)
		err = -ENODEV;
	gauge_close(gauge);
	return err;
}

int good_seldom_closed(struct lamp *lamp)
{
	struct gauge *gauge = gauge_find(lamp);

	if (!gauge)
		return -ENOENT;
	if (lamp->gone)
		return -ENODEV;
	return gauge->level;
}

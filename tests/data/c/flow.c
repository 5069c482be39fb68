static int straight(int x)
{
	x = 1;
	return x;
}

static int either(int x)
{
	if (x)
		one();
	else
		two();
	return 0;
}

static int same_twice(struct lamp *lamp)
{
	if (lamp->on)
		one();
	if (lamp->on)
		two();
	return 0;
}

static int changed_between(struct lamp *lamp)
{
	if (lamp->on)
		one();
	lamp->on = next(lamp);
	if (lamp->on)
		two();
	return 0;
}

static int constant(int x)
{
	int err = 0;

	if (x)
		err = -EIO;
	if (err)
		one();
	return err;
}

static int both(int a, int b)
{
	if (!a || !b)
		return -EINVAL;
	return 0;
}

static int loops(int n)
{
	while (n > next(n))
		one();
	return 0;
}

static int iterates(struct room *room)
{
	struct lamp *lamp;

	list_for_each_entry(lamp, &room->lamps, node) {
		if (!lamp->on)
			continue;
		if (lamp->broken)
			break;
		one();
	}
	return 0;
}

static int once(int n)
{
	do {
		one();
	} while (n > next(n));
	return 0;
}

static int falls(int x)
{
	switch (x) {
	case 1:
		one();
		fallthrough;
	case 2:
		two();
		break;
	default:
		return -EINVAL;
	}
	return 0;
}

static int jumps(int x)
{
	if (x)
		goto out;
	one();
out:
	two();
	return 0;
}

static int again(int x)
{
retry:
	x = next(x);
	if (x)
		goto retry;
	return 0;
}

static int ends(int x)
{
	if (x)
		BUG();
	return 0;
}

static void falls_off(int x)
{
	if (x)
		one();
}

static int compiled(int x)
{
#ifdef CONFIG_LAMP
	one();
#endif
	two();
#ifdef CONFIG_LAMP
	one();
#endif
	return 0;
}

static void *pointer(void)
{
	void *p = make();

	if (IS_ERR(p))
		return ERR_PTR(PTR_ERR(p));
	if (NULL == p)
		return NULL;
	return p;
}

static int forever(int x)
{
	for (;;) {
		x = next(x);
		if (x)
			break;
	}
	return x;
}

static int guarded(int x)
{
	scoped_guard(mutex, &lock) {
		one();
	}
	return 0;
}

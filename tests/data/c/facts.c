/**
 * lamp_get() - find a lamp
 * @number: which
 *
 * Context: May sleep. Takes lamp_lock,
 * for a short time.
 * Return: The lamp, or an ERR_PTR.
 *
 * Lamps are never freed.
 */
struct lamp *lamp_get(int number)
{
	if (number < 0)
		return ERR_PTR(-EINVAL);
	if (number > 8)
		return (number > 9) ? NULL : ERR_PTR(-ENXIO);
	if (lamp_fail())
		return ERR_PTR(lamp_error());
	return lamps[number];
}

int __must_check lamp_set(struct lamp *lamp) __releases(&lamp->lock);

static int lamp_on(struct lamp *lamp)
	__acquires(&lamp->lock)
{
	lockdep_assert_held(&lamp->room->lock);
	if (!lamp)
		return -EINVAL;
	if (lamp->on)
		return -EBUSY;
	return lamp->broken ? -EIO : -EINVAL;
}

static int lamp_plain(int count)
{
	return -count;
}

static struct lamp *lamp_held(int number)
{
	struct lamp *lamp = NULL, *other = NULL;
	int ret = -EINVAL;

	if (number > 3)
		lamp = ERR_PTR(-ENOMEM);
	lamp_look(other, ret);
	return lamp;
}

static int lamp_status(int number)
{
	int ret;

	ret = -EBUSY;
	if (number > 3)
		goto out;
	ret = 0;
out:
	return ret;
}

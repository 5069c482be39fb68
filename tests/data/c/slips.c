static const char *array_bound_bad(int number)
{
	if (number < 0 || number > ARRAY_SIZE(names))
		return NULL;
	return names[number];
}

static const char *array_bound_good(int number)
{
	if (number >= ARRAY_SIZE(names))
		return NULL;
	return names[number];
}

static const char *array_bound_other_good(int number)
{
	if (number > ARRAY_SIZE(names))
		return NULL;
	return names[number - 1];
}

static int positive_errno_bad(struct lamp *lamp)
{
	int ret = 0;

	if (!lamp)
		return -ENODEV;
	if (lamp->broken)
		ret = EINVAL;
	return ret;
}

static int positive_errno_returned_bad(struct lamp *lamp)
{
	if (lamp->broken)
		return EIO;
	return lamp->lit ? 0 : -ENODEV;
}

static int positive_errno_throughout_good(struct lamp *lamp)
{
	return lamp->broken ? EIO : 0;
}

static int positive_errno_compared_good(struct lamp *lamp)
{
	int ret = lamp_light(lamp);

	return ret == EINVAL ? -EINVAL : ret;
}

static long uncopied_bytes_bad(struct lamp *lamp, void __user *where)
{
	if (!lamp)
		return -ENODEV;
	return copy_to_user(where, &lamp->state, sizeof(lamp->state));
}

static long uncopied_bytes_good(struct lamp *lamp, void __user *where)
{
	if (!lamp)
		return -ENODEV;
	return copy_to_user(where, &lamp->state, sizeof(lamp->state)) ? -EFAULT : 0;
}

static unsigned long uncopied_bytes_helper_good(void *from, void __user *where, unsigned long size)
{
	return copy_to_user(where, from, size);
}

static int uninitialised_bad(struct lamp *lamp)
{
	int ret;

	if (lamp->lit)
		ret = lamp_dim(lamp);
	return ret;
}

static int uninitialised_condition_bad(struct lamp *lamp)
{
	int err;

	if (lamp->number > 3)
		err = lamp_dim(lamp);
	if (err)
		return err;
	return 0;
}

static int uninitialised_switch_bad(struct lamp *lamp)
{
	int ret;

	switch (lamp->number) {
	case 1:
		ret = 0;
		break;
	case 2:
		ret = -EINVAL;
		break;
	}
	return ret;
}

static int uninitialised_set_good(struct lamp *lamp)
{
	int ret;

	if (lamp->lit)
		ret = lamp_dim(lamp);
	else
		ret = -EINVAL;
	return ret;
}

static int uninitialised_loop_good(struct room *room)
{
	struct lamp *lamp;
	int i, ret;

	for (i = 0; i < room->lamps; i++)
		ret = lamp_dim(room->lamp[i]);
	list_for_each_entry(lamp, &room->list, list)
		ret = lamp_dim(lamp);
	return ret;
}

static int uninitialised_handed_good(struct lamp *lamp)
{
	int ret, other;

	lamp_read(lamp, &ret);
	lamp_get(lamp, other);
	if (other)
		return 0;
	return ret;
}

static int uninitialised_same_condition_good(struct lamp *lamp)
{
	int ret;

	if (lamp->lit)
		ret = lamp_dim(lamp);
	lamp_look(lamp);
	if (!lamp->lit)
		return 0;
	return ret;
}

static int never_negative_bad(struct lamp *lamp)
{
	unsigned int number;

	number = lamp_number(lamp);
	if (number < 0)
		return -EINVAL;
	return lamp_light(lamp, number);
}

static int never_negative_good(struct lamp *lamp)
{
	int number;

	number = lamp_number(lamp);
	if (number < 0)
		return -EINVAL;
	return lamp_light(lamp, number);
}

static int never_negative_range_good(struct lamp *lamp, unsigned int number)
{
	if (number < 0 || number > 8)
		return -EINVAL;
	return lamp_light(lamp, number);
}

static int sleep_in_atomic_bad(struct lamp *lamp)
{
	spin_lock(&lamp->lock);
	usleep_range(10, 20);
	spin_unlock(&lamp->lock);
	return 0;
}

static int sleep_in_atomic_allocation_bad(struct lamp *lamp)
{
	void *room;

	rcu_read_lock();
	room = kzalloc(8, GFP_KERNEL);
	if (!room) {
		rcu_read_unlock();
		return -ENOMEM;
	}
	rcu_read_unlock();
	return lamp_put(lamp, room);
}

static int sleep_in_atomic_after_good(struct lamp *lamp)
{
	spin_lock(&lamp->lock);
	lamp->lit = true;
	spin_unlock(&lamp->lock);
	usleep_range(10, 20);
	return 0;
}

static int sleep_in_atomic_flags_good(struct lamp *lamp)
{
	void *room;

	spin_lock(&lamp->lock);
	room = kzalloc(8, GFP_ATOMIC);
	spin_unlock(&lamp->lock);
	return lamp_put(lamp, room);
}

static int sleep_in_atomic_mutex_good(struct lamp *lamp)
{
	mutex_lock(&lamp->mutex);
	usleep_range(10, 20);
	mutex_unlock(&lamp->mutex);
	return 0;
}

static void uninitialised_freed_bad(struct lamp *lamp)
{
	struct job *job;

	if (lamp->gone)
		goto out;
	job = lamp_job(lamp);
	lamp_run(lamp, job);
out:
	kfree(job);
}

static int sleep_in_atomic_callers_bad(struct lamp *lamp)
{
	u32 value;

	return readl_poll_timeout(lamp->base, value, value & 1, 10, 1000);
}

static void lamp_kick(struct lamp *lamp)
{
	spin_lock(&lamp->lock);
	sleep_in_atomic_callers_bad(lamp);
	spin_unlock(&lamp->lock);
}

static int sleep_in_atomic_callers_good(struct lamp *lamp)
{
	u32 value;

	return readl_poll_timeout(lamp->base, value, value & 1, 10, 1000);
}

static void lamp_kick_later(struct lamp *lamp)
{
	spin_lock(&lamp->lock);
	lamp->kicked = true;
	spin_unlock(&lamp->lock);
	sleep_in_atomic_callers_good(lamp);
}

static int sleep_in_atomic_busy_good(struct lamp *lamp)
{
	u32 value;

	return readl_poll_timeout(lamp->base, value, value & 1, 0, 1000);
}

static void lamp_kick_busily(struct lamp *lamp)
{
	spin_lock(&lamp->lock);
	sleep_in_atomic_busy_good(lamp);
	spin_unlock(&lamp->lock);
}

struct lamp_port {
	unsigned int irq;
	int line;
	unsigned int bits:3;
};

static int never_negative_member_bad(struct lamp *lamp, struct lamp_port *port)
{
	port->irq = lamp_irq(lamp);
	if (port->irq < 0)
		return port->irq;
	return 0;
}

static int never_negative_member_good(struct lamp *lamp, struct lamp_port *port)
{
	port->line = lamp_irq(lamp);
	if (port->line < 0)
		return port->line;
	return 0;
}

#define LAMP_STEP(lamp) do { ret = lamp_step(lamp); if (ret) return ret; } while (0)
#define LAMP_NOTE(lamp) lamp_note(lamp)

static int uninitialised_macro_good(struct lamp *lamp)
{
	int ret;

	LAMP_STEP(lamp);
	return ret;
}

static int uninitialised_other_macro_bad(struct lamp *lamp)
{
	int ret;

	LAMP_NOTE(lamp);
	return ret;
}

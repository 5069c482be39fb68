int bad_early_return(struct lamp *lamp)
{
	int err = 0;

	mutex_lock(&lamp->lock);
	if (lamp->gone)
		return -ENODEV;
	lamp_show(lamp);
	mutex_unlock(&lamp->lock);
	return err;
}

int bad_in_the_loop(struct room *room)
{
	struct lamp *lamp;
	unsigned long flags;

	spin_lock_irqsave(&room->lock, flags);
	list_for_each_entry(lamp, &room->lamps, node) {
		if (lamp->broken)
			return -EIO;
	}
	spin_unlock_irqrestore(&room->lock, flags);
	return 0;
}

int bad_goto_past_it(struct lamp *lamp)
{
	int err;

	err = mutex_lock_interruptible(&lamp->lock);
	if (err)
		return err;
	err = lamp_light(lamp);
	if (err < 0)
		goto out;
	mutex_unlock(&lamp->lock);
out:
	return err;
}

void bad_void(struct lamp *lamp)
{
	rcu_read_lock();
	if (!lamp->next)
		return;
	lamp_show(lamp->next);
	rcu_read_unlock();
}

int bad_after_trying(struct lamp *lamp)
{
	if (!mutex_trylock(&lamp->lock))
		return -EBUSY;
	if (lamp->gone)
		return -ENODEV;
	mutex_unlock(&lamp->lock);
	return 0;
}

int bad_though_dropped_in_between(struct lamp *lamp)
{
	spin_lock(&lamp->lock);
	lamp_drop(lamp);
	if (lamp->gone) {
		spin_unlock(&lamp->lock);
		return -ENODEV;
	}
	spin_unlock(&lamp->lock);
	spin_lock(&lamp->lock);
	if (lamp->broken)
		return -EIO;
	spin_unlock(&lamp->lock);
	return 0;
}

int good_early_return(struct lamp *lamp)
{
	mutex_lock(&lamp->lock);
	if (lamp->gone) {
		mutex_unlock(&lamp->lock);
		return -ENODEV;
	}
	mutex_unlock(&lamp->lock);
	return 0;
}

int good_interrupted(struct lamp *lamp)
{
	if (mutex_lock_interruptible(&lamp->lock))
		return -ERESTARTSYS;
	mutex_unlock(&lamp->lock);
	return 0;
}

int good_down(struct lamp *lamp)
{
	int ret = down_interruptible(&lamp->sem);

	if (ret)
		return ret;
	up(&lamp->sem);
	return 0;
}

int good_trylock(struct lamp *lamp)
{
	if (!spin_trylock(&lamp->lock))
		return -EBUSY;
	spin_unlock(&lamp->lock);
	return 0;
}

int good_same_condition(struct lamp *lamp, bool locked)
{
	int err;

	if (!locked)
		mutex_lock(&lamp->lock);
	err = lamp_light(lamp);
	if (!locked)
		mutex_unlock(&lamp->lock);
	return err;
}

int good_flag(struct lamp *lamp)
{
	bool locked = false;

	if (lamp->shared) {
		mutex_lock(&lamp->lock);
		locked = true;
	}
	lamp_show(lamp);
	if (locked)
		mutex_unlock(&lamp->lock);
	return 0;
}

int good_held_for_the_caller(struct lamp *lamp)
{
	mutex_lock(&lamp->lock);
	if (lamp->gone) {
		mutex_unlock(&lamp->lock);
		return -ENODEV;
	}
	return 0;
}

int good_annotated(struct lamp *lamp)
	__acquires(&lamp->lock)
{
	mutex_lock(&lamp->lock);
	if (lamp->gone)
		return -ENODEV;
	mutex_unlock(&lamp->lock);
	return 0;
}

int good_dropped_by_callee(struct lamp *lamp)
{
	spin_lock(&lamp->lock);
	if (lamp->gone)
		return lamp_finish_unlock(lamp);
	spin_unlock(&lamp->lock);
	return 0;
}

int good_passed_to_callee(struct lamp *lamp)
{
	spin_lock(&lamp->lock);
	if (lamp->gone) {
		lamp_finish(lamp, &lamp->lock);
		return -EIO;
	}
	spin_unlock(&lamp->lock);
	return 0;
}

int good_retaken(struct lamp *lamp)
{
	mutex_unlock(&lamp->lock);
	lamp_show(lamp);
	mutex_lock(&lamp->lock);
	if (lamp->gone)
		return -ENODEV;
	return 0;
}

int good_by_another_name(struct lamp *lamp)
{
	spinlock_t *lock = &lamp->lock;

	spin_lock(lock);
	if (lamp->gone) {
		spin_unlock(&lamp->lock);
		return -ENODEV;
	}
	spin_unlock(lock);
	return 0;
}

int good_as_completion(struct lamp *lamp)
{
	if (down_interruptible(&lamp->done))
		return -EINTR;
	lamp_send(lamp);
	if (down_interruptible(&lamp->done))
		return -EINTR;
	up(&lamp->done);
	return 0;
}

int good_guard(struct lamp *lamp)
{
	guard(mutex)(&lamp->lock);
	if (lamp->gone)
		return -ENODEV;
	mutex_lock(&lamp->other);
	mutex_unlock(&lamp->other);
	return 0;
}

int good_never_returns(struct lamp *lamp)
{
	spin_lock(&lamp->lock);
	if (lamp->gone)
		BUG();
	spin_unlock(&lamp->lock);
	return 0;
}

int lamp_start(struct lamp *lamp)
{
	mutex_lock(&lamp->lock);
	if (lamp->gone)
		return -ENODEV;
	mutex_unlock(&lamp->lock);
	return 0;
}

static int stray_on_one_way(struct lamp *lamp)
{
	int ret = 0;

	if (lamp->gone)
		goto out;
	mutex_lock(&lamp->lock);
	ret = lamp_light(lamp);
out:
	mutex_unlock(&lamp->lock);
	return ret;
}

static int good_dropped_for_a_while(struct lamp *lamp)
{
	int ret;

	mutex_unlock(&lamp->lock);
	ret = lamp_light(lamp);
	mutex_lock(&lamp->lock);
	return ret;
}

static int good_by_the_same_condition(struct lamp *lamp, unsigned int code)
{
	struct lamp *one;
	int lit = 0;

	if (code >= LAMP_EVENT)
		write_lock_irq(&lamp->lock);
	else
		read_lock_bh(&lamp->lock);
	while (lamp->next != lamp->last) {
		one = lamp->next;
		lamp->next = one->next;
		lit += one->lit;
	}
	if (code >= LAMP_EVENT)
		write_unlock_irq(&lamp->lock);
	else
		read_unlock_bh(&lamp->lock);
	return lit;
}

static struct lamp *lamp_of_name(struct lamps *lamps, const char *name)
{
	struct lamp *lamp = lamp_new(name);

	if (!lamp)
		return NULL;
	spin_lock(&lamps->found_lock);
	list_add(&lamp->list, &lamps->all);
	return lamp;
}

static int known_found_or_new(struct lamps *lamps, const char *name, bool is_new)
{
	struct lamp *lamp;

	if (is_new) {
		lamp = lamp_of_name(lamps, name);
		if (!lamp)
			return -ENOMEM;
	} else {
		spin_lock(&lamps->found_lock);
		lamp = lamp_find(lamps, name);
	}
	lamp_show(lamp);
	spin_unlock(&lamps->found_lock);
	return 0;
}

void bad_leaves(struct lamp *lamp)
{
	mutex_lock(&lamp->lock);
}

void bad_drops(struct lamp *lamp)
{
	spin_unlock_irqrestore(&lamp->lock, flags);
}

int bad_when_it_succeeds(struct lamp *lamp)
{
	return mutex_lock_interruptible(&lamp->lock);
}

bool bad_try(struct lamp *lamp)
{
	return spin_trylock(&lamp->lock);
}

int bad_after_failure(struct lamp *lamp)
{
	int err = lamp_look(lamp);

	if (err)
		return err;
	down_read(&lamp->sem);
	return 0;
}

void bad_either(struct lamp *lamp)
{
	if (!mutex_trylock(&lamp->lock))
		lamp_slowly(lamp);
}

void bad_branch(struct lamp *lamp)
{
	if (lamp->shared)
		mutex_lock(&lamp->lock);
}

void good(struct lamp *lamp, spinlock_t *other)
{
	struct mutex *lock = &lamp->lock;

	spin_lock_irqsave(other, flags);
	spin_unlock_irqrestore(other, flags);
	down_write(&lamp->sem);
	up_write(&lamp->sem);
}

void good_two_names(struct lamp *lamp)
{
	spinlock_t *lock = lamp_lock(lamp);

	spin_unlock(lock);
}

void good_other_words(struct lamp *lamp)
{
	lamp_get_acl_nolock(lamp);
	lamp_get_block(lamp);
	posix_test_lock(lamp);
	lamp_clock(lamp);
	lamp->ops->lock(lamp);
	lockdep_unlock(lamp);
}

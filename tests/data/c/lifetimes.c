void lamp_free(struct lamp *lamp)
{
	kfree(lamp->bulb);
	kfree(lamp);
}

void lamp_drop(int how, struct lamp *lamp)
{
	lamp_free(lamp);
}

void lamp_free_if_old(struct lamp *lamp)
{
	if (lamp->age > 3)
		kfree(lamp);
}

void above_old(struct lamp *lamp)
{
	lamp_free_if_old(lamp);
}

void lamp_free_if_there(struct lamp *lamp)
{
	if (lamp)
		kfree(lamp);
}

int lamp_give_up(struct lamp *lamp)
{
	int err = lamp_check(lamp);

	if (err)
		return err;
	kfree(lamp);
	return 0;
}

void lamp_put(struct lamp *lamp)
{
	kref_put(&lamp->ref, lamp_release);
}

void room_free_part(struct room *room)
{
	kfree(&room->lamp);
}

struct lamp *lamp_get(struct lamp *lamp)
{
	kref_get(&lamp->ref);
	return lamp;
}

struct lamp *lamp_find(int number)
{
	struct lamp *lamp;

	list_for_each_entry(lamp, &lamps, list) {
		if (lamp->number == number) {
			kref_get(&lamp->ref);
			return lamp;
		}
	}
	return NULL;
}

struct lamp *lamp_first(void)
{
	struct lamp *lamp = list_first_entry(&lamps, struct lamp, list);

	get_device(lamp);
	return lamp;
}

struct lamp *lamp_lookup(void)
{
	return lamp_first();
}

struct lamp *lamp_peek(void)
{
	struct lamp *lamp = lamp_top();

	get_device(lamp);
	lamp_look(lamp);
	put_device(lamp);
	return lamp;
}

void *lamp_alloc(void)
{
	return kzalloc(8, GFP_KERNEL);
}

void *lamp_new(void)
{
	void *lamp = lamp_alloc();

	if (!lamp)
		return NULL;
	return lamp;
}

void *lamp_new_or_old(void)
{
	if (old_lamp)
		return old_lamp;
	return lamp_alloc();
}

void *above_new_or_old(void)
{
	return lamp_new_or_old();
}

void *lamp_or_error(void)
{
	if (!lamps)
		return ERR_PTR(-ENODEV);
	return lamps;
}

void *hands_error_on(void)
{
	return lamp_or_error();
}

void *looks_for_error(void)
{
	void *lamp = lamp_or_error();

	if (IS_ERR(lamp))
		return NULL;
	return lamp;
}

void *hands_null_on(void)
{
	return looks_for_error();
}

void *looks_for_null(void)
{
	void *lamp = looks_for_error();

	if (!lamp)
		return ERR_PTR(-ENOMEM);
	return lamp;
}

void *returns_what_is_there(void)
{
	void *lamp = looks_for_error();

	if (lamp) {
		lamp_look(lamp);
		return lamp;
	}
	return ERR_PTR(-ENODEV);
}

void *looks_and_returns(void)
{
	void *lamp = looks_for_error();

	if (lamp)
		lamp_look(lamp);
	return lamp;
}

int get_and_put(struct lamp *lamp, int how)
{
	if (how == 3)
		kref_get(&lamp->ref);
	if (how == 4)
		kref_put(&lamp->ref, lamp_release);
	return 0;
}

static void misleading_indentation_bad(struct lamp *lamp)
{
	if (lamp->on)
		lamp_dim(lamp);
		lamp_note(lamp);
	lamp_done(lamp);
}

static void misleading_indentation_else_bad(struct lamp *lamp)
{
	if (lamp->on)
		lamp_dim(lamp);
	else
		lamp_light(lamp);
		lamp_note(lamp);
	lamp_done(lamp);
}

static void misleading_indentation_good(struct lamp *lamp)
{
	if (lamp->on)
		lamp_dim(lamp);
	lamp_note(lamp);
	for (;;)
		if (lamp_done(lamp))
			break;
	if (lamp->gone)
		return;
	else
		lamp_light(lamp);
	lamp_note(lamp);
}

static void misleading_indentation_directive_good(struct lamp *lamp)
{
#ifdef CONFIG_LAMP
	if (lamp->on)
#endif
		lamp_dim(lamp);
#ifdef CONFIG_LAMP_NOTES
		lamp_note(lamp);
#endif
}

static void narrow_bitmap_bad(struct lamp *lamp)
{
	u32 pending = lamp_read(lamp);
	int bit;

	for_each_set_bit(bit, (unsigned long *)&pending, 32)
		lamp_handle(lamp, bit);
}

static void narrow_bitmap_good(struct lamp *lamp)
{
	unsigned long pending = lamp_read(lamp);
	u32 raw[2];
	int bit;

	for_each_set_bit(bit, (unsigned long *)&pending, 32)
		lamp_handle(lamp, bit);
	lamp_fill((unsigned long *)raw, (long)pending);
}

static int other_pointers_error_bad(struct lamp *lamp)
{
	lamp->bulb = lamp_bulb(lamp);
	if (IS_ERR(lamp->bulb)) {
		lamp_off(lamp);
		return PTR_ERR(lamp->wire);
	}
	return 0;
}

static int other_pointers_error_good(struct lamp *lamp)
{
	struct wire *wire;

	lamp->bulb = lamp_bulb(lamp);
	if (IS_ERR(lamp->bulb)) {
		wire = lamp_wire(lamp);
		return IS_ERR(wire) ? PTR_ERR(wire) : PTR_ERR(lamp->bulb);
	}
	if (IS_ERR(lamp->wire))
		return -EINVAL;
	return 0;
}

static int rcu_pointer_bad(struct room *room)
{
	struct lamp *lamp;

	rcu_read_lock();
	lamp = rcu_dereference(room->lamp);
	if (!lamp) {
		rcu_read_unlock();
		return -ENOENT;
	}
	rcu_read_unlock();
	return lamp->level;
}

static int rcu_pointer_inside_good(struct room *room)
{
	struct lamp *lamp;
	int level;

	rcu_read_lock();
	lamp = rcu_dereference(room->lamp);
	level = lamp ? lamp->level : 0;
	rcu_read_unlock();
	return level;
}

static int rcu_pointer_held_good(struct room *room)
{
	struct lamp *lamp;

	rcu_read_lock();
	lamp = rcu_dereference(room->lamp);
	if (!lamp || !kref_get_unless_zero(&lamp->ref)) {
		rcu_read_unlock();
		return -ENOENT;
	}
	rcu_read_unlock();
	return lamp->level;
}

static int rcu_pointer_nested_good(struct room *room)
{
	struct lamp *lamp;

	rcu_read_lock();
	lamp = rcu_dereference(room->lamp);
	rcu_read_lock();
	room->lit++;
	rcu_read_unlock();
	room->level = lamp->level;
	rcu_read_unlock();
	return 0;
}

static void dropped_result_bad(struct lamp *lamp)
{
	lamp_enable(lamp);
	lamp->on = true;
}

static int dropped_result_good(struct lamp *lamp)
{
	int err = lamp_enable(lamp);

	if (err)
		return err;
	lamp_seldom(lamp);
	lamp_void(lamp);
	lamp->on = true;
	return 0;
}

#define for_each_lamp_of(first)			\
	for (shown = rcu_dereference(first);	\
	     shown;				\
	     shown = rcu_dereference(shown->next))

static struct lamp *uninitialised_walk_of_its_own_good(struct room *room, int number)
{
	struct lamp *shown;

	for_each_lamp_of(room->lamp)
		if (shown->number == number)
			break;
	return shown;
}

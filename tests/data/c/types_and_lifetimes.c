struct lamp_frame {
	__le32 length;
	__le16 colour;
	__be32 order;
	u8 level;
};

struct lamp_stats {
	__u32 hours;
	__u64 ticks;
};

struct lamp_plain {
	__u32 hours;
	__u32 minutes;
};

struct lamp_tight {
	__u32 hours;
	__u64 ticks;
} __packed;

struct bulb {
	int watts;
};

struct lantern {
	struct bulb first;
	u64 offset;
	u32 step;
	int signed_step;
};

struct blinker {
	struct delayed_work blink;
	struct timer_list tick;
	struct work_struct fade;
	void *map;
	char *label;
};

struct table {
	u32 colours[16];
	u8 small[256];
};

struct lamp_request {
	u32 index;
	u32 length;
	u8 short_index;
};

static u16 byte_order_bad(struct lamp_frame *frame)
{
	return le32_to_cpu(frame->colour);
}

static u16 byte_order_good(struct lamp_frame *frame)
{
	return le16_to_cpu(frame->colour);
}

static void byte_order_stored_bad(struct lamp_frame *frame, u32 order)
{
	frame->order = cpu_to_le32(order);
}

static void byte_order_stored_good(struct lamp_frame *frame, u32 order)
{
	frame->order = cpu_to_be32(order);
	frame->level = cpu_to_le32(order);
}

static int byte_order_reckoned_bad(struct lamp_frame *frame)
{
	if (frame->length > 64)
		return -EINVAL;
	return 0;
}

static int byte_order_reckoned_good(struct lamp_frame *frame, __le32 other)
{
	if (frame->length != other || le32_to_cpu(frame->length) > 64)
		return -EINVAL;
	return frame->level > 3;
}

static void integer_width_bad(struct lantern *lantern)
{
	lantern->offset &= ~(lantern->step - 1);
}

static void integer_width_good(struct lantern *lantern, u64 mask)
{
	lantern->offset &= ~(u64)(lantern->step - 1);
	lantern->offset &= ~(lantern->signed_step - 1);
	lantern->offset &= ~mask;
	lantern->step &= ~(lantern->step - 1);
	lantern->offset &= ~0U;
}

static int integer_width_never_bad(u8 level)
{
	if (level == -1)
		return -EINVAL;
	return 0;
}

static int integer_width_never_good(u32 level, s8 near, u8 far)
{
	return level == -1 || near == -1 || far == 255;
}

static struct bulb *wrong_size_bad(void)
{
	struct bulb *bulb = kzalloc(sizeof(bulb), GFP_KERNEL);

	return bulb;
}

static struct bulb *wrong_size_other_bad(struct device *dev)
{
	struct bulb *bulb = devm_kzalloc(dev, sizeof(struct blinker), GFP_KERNEL);

	return bulb;
}

static void wrong_size_double_bad(struct device *dev)
{
	struct bulb **bulb = devres_alloc(lamp_release, sizeof(**bulb), GFP_KERNEL);

	lamp_keep(dev, bulb);
}

static struct bulb *wrong_size_good(struct bulb *other, struct bulb **all)
{
	struct bulb *bulb = kzalloc(sizeof(*bulb), GFP_KERNEL);
	struct bulb *outer = kzalloc(sizeof(struct lantern), GFP_KERNEL);

	memset(other, 0, sizeof(*other));
	all = kcalloc(2, sizeof(other), GFP_KERNEL);
	lamp_keep(outer, all);
	return bulb;
}

static void managed_release_bad(struct device *dev)
{
	char *label = devm_kstrdup(dev, "lamp", GFP_KERNEL);

	lamp_show(label);
	kfree(label);
}

static void managed_release_good(struct device *dev)
{
	char *label = kstrdup("lamp", GFP_KERNEL);

	lamp_show(label);
	kfree(label);
}

static void managed_release_probe_good(struct device *dev, struct blinker *blinker)
{
	blinker->map = devm_ioremap(dev, 0, 16);
	blinker->label = devm_kstrdup(dev, "lamp", GFP_KERNEL);
	if (lamp_is_old(dev))
		blinker->label = kstrdup("old lamp", GFP_KERNEL);
}

static void managed_release_member_bad(struct blinker *blinker)
{
	iounmap(blinker->map);
}

static void managed_release_member_good(struct blinker *blinker)
{
	kfree(blinker->label);
}

static void blink(struct work_struct *work)
{
	lamp_toggle(work);
}

static void alive_after_free_start_good(struct blinker *blinker)
{
	INIT_DELAYED_WORK(&blinker->blink, blink);
	INIT_WORK(&blinker->fade, blink);
	timer_setup(&blinker->tick, lamp_tick, 0);
	schedule_delayed_work(&blinker->blink, HZ);
	schedule_work(&blinker->fade);
	mod_timer(&blinker->tick, jiffies + HZ);
}

static void alive_after_free_stop_good(struct blinker *blinker)
{
	cancel_work_sync(&blinker->fade);
	del_timer_sync(&blinker->tick);
}

static void alive_after_free_bad(struct blinker *blinker)
{
	lamp_off(blinker);
	kfree(blinker);
}

static void alive_after_free_good(struct lantern *lantern)
{
	kfree(lantern);
}

static void alive_after_free_made_good(void)
{
	struct blinker *blinker = kzalloc(sizeof(*blinker), GFP_KERNEL);

	kfree(blinker);
}

static void freed_under_readers_bad(struct lamp *lamp)
{
	list_del_rcu(&lamp->node);
	kfree(lamp);
}

static void freed_under_readers_good(struct lamp *lamp, struct lamp *other)
{
	list_del_rcu(&lamp->node);
	synchronize_rcu();
	kfree(lamp);
	list_del(&other->node);
	kfree(other);
}

static void freed_under_readers_replaced_bad(struct lamp *lamp)
{
	struct bulb *old = rcu_dereference_protected(lamp->bulb, 1);

	RCU_INIT_POINTER(lamp->bulb, NULL);
	kfree(old);
}

static void freed_under_readers_replaced_good(struct lamp *lamp)
{
	struct bulb *old = rcu_dereference_protected(lamp->bulb, 1);

	RCU_INIT_POINTER(lamp->bulb, NULL);
	kfree_rcu(old, rcu);
}

static int unset_bytes_bad(void __user *to)
{
	struct lamp_stats stats;

	stats.hours = lamp_hours();
	stats.ticks = lamp_ticks();
	return copy_to_user(to, &stats, sizeof(stats)) ? -EFAULT : 0;
}

static int unset_bytes_good(void __user *to)
{
	struct lamp_stats stats;

	memset(&stats, 0, sizeof(stats));
	stats.hours = lamp_hours();
	stats.ticks = lamp_ticks();
	return copy_to_user(to, &stats, sizeof(stats)) ? -EFAULT : 0;
}

static int unset_bytes_member_bad(struct sk_buff *skb)
{
	struct lamp_plain plain;

	plain.hours = lamp_hours();
	return nla_put(skb, LAMP_ATTR, sizeof(struct lamp_plain), &plain);
}

static int unset_bytes_listed_bad(struct msghdr *msg)
{
	struct lamp_stats stats = { .hours = lamp_hours() };

	if (lamp_room(msg) < sizeof(stats))
		return -ENOSPC;
	return put_cmsg(msg, SOL_LAMP, LAMP_STATS, sizeof(stats), &stats);
}

static int unset_bytes_plain_good(struct sk_buff *skb, void __user *to)
{
	struct lamp_plain plain;
	struct lamp_tight tight;
	struct lamp_stats empty = {};
	struct lamp_stats filled;

	plain.hours = lamp_hours();
	plain.minutes = lamp_minutes();
	tight.hours = lamp_hours();
	tight.ticks = lamp_ticks();
	lamp_fill(&filled);
	if (copy_to_user(to, &tight, sizeof(tight)) || copy_to_user(to, &empty, sizeof(empty)))
		return -EFAULT;
	if (copy_to_user(to, &filled, sizeof(filled)))
		return -EFAULT;
	return nla_put(skb, LAMP_ATTR, sizeof(plain), &plain);
}

static int unbounded_bad(struct table *table, void __user *from)
{
	struct lamp_request request;

	if (copy_from_user(&request, from, sizeof(request)))
		return -EFAULT;
	return table->colours[request.index];
}

static int unbounded_length_bad(void __user *from, u32 __user *length)
{
	char name[16];
	u32 size;

	if (get_user(size, length))
		return -EFAULT;
	if (copy_from_user(name, from, size))
		return -EFAULT;
	return lamp_rename(name);
}

static int unbounded_good(struct table *table, void __user *from)
{
	struct lamp_request request;

	if (copy_from_user(&request, from, sizeof(request)))
		return -EFAULT;
	if (request.index >= ARRAY_SIZE(table->colours))
		return -EINVAL;
	return table->colours[request.index] + table->small[request.short_index];
}

static int unbounded_checked_elsewhere_good(struct table *table, void __user *from)
{
	struct lamp_request request;

	if (copy_from_user(&request, from, sizeof(request)))
		return -EFAULT;
	if (lamp_refuses(&request))
		return -EINVAL;
	return table->colours[request.index];
}

static int unwinding_bad(struct lamp *lamp)
{
	int ret;

	ret = lamp_power_up(lamp);
	if (ret)
		return ret;
	ret = lamp_tune(lamp);
	if (ret)
		return ret;
	ret = lamp_start(lamp);
	if (ret)
		goto err_power;
	return 0;
err_power:
	lamp_power_down(lamp);
	return ret;
}

static int unwinding_order_bad(struct lamp *lamp)
{
	int ret;

	ret = lamp_tune(lamp);
	if (ret)
		goto err_power;
	ret = regulator_enable(lamp->supply);
	if (ret)
		return ret;
	ret = lamp_start(lamp);
	if (ret)
		goto err_power;
	return 0;
err_power:
	regulator_disable(lamp->supply);
	return ret;
}

static int unwinding_order_of_many_good(struct lamp *lamp)
{
	int ret;

	ret = lamp_tune(lamp);
	if (ret)
		goto err_power;
	ret = lamp_power_up(lamp);
	if (ret)
		return ret;
	ret = lamp_start(lamp);
	if (ret)
		goto err_power;
	return 0;
err_power:
	lamp_power_down(lamp);
	return ret;
}

static int unwinding_good(struct lamp *lamp)
{
	int ret;

	ret = lamp_power_up(lamp);
	if (ret)
		return ret;
	ret = lamp_tune(lamp);
	if (ret) {
		lamp_power_down(lamp);
		return ret;
	}
	ret = lamp_start(lamp);
	if (ret)
		goto err_power;
	return 0;
err_power:
	lamp_power_down(lamp);
	return ret;
}

static int unwinding_in_condition_bad(struct lamp *lamp)
{
	int ret;

	if ((ret = lamp_power_up(lamp)))
		return ret;
	if ((ret = lamp_tune(lamp)))
		return ret;
	ret = lamp_start(lamp);
	if (ret)
		goto err_power;
	return 0;
err_power:
	lamp_power_down(lamp);
	return ret;
}

static int unwinding_by_another_good(struct lamp *lamp)
{
	int ret = lamp_power_up(lamp);

	if (ret)
		return ret;
	ret = lamp_tune(lamp);
	if (ret) {
		lamp_shutdown(lamp);
		return ret;
	}
	ret = lamp_start(lamp);
	if (ret)
		lamp_power_down(lamp);
	return ret;
}

static struct lamp *lamp_find(struct room *room, gfp_t gfp, int wait)
{
	struct lamp *lamp;
	gfp_t local = gfp | __GFP_ZERO;

	lamp = first_lamp(room, GFP_KERNEL);
	lamp_take(lamp, GFP_ATOMIC);
	second(gfp);
	third(local);
	fourth(wait ? GFP_KERNEL : GFP_ATOMIC);
	room->ops->enter(room);
	if (wait)
		lamp_wait(&room->kref, room, 7);
	return lamp;
}

static const struct lamp_operations lamp_ops = {
	.find = lamp_find,
	.light = LAMP_LIGHT,
	.ready = true,
	.part = { .deep = lamp_deep, },
};

#ifdef CONFIG_LAMP
void lamp_on(struct lamp *lamp)
{
	light(lamp);
}
#else
static inline void lamp_on(struct lamp *lamp) { }
static inline int lamp_off(void) { return 0; }
static inline struct lamp *lamp_none(void) { return ERR_PTR(-ENODEV); }
static inline int lamp_more(int a) { return lamp_less(a); }
#endif

void lamp_careful(struct lamp *lamp)
{
	if (!in_interrupt())
		lamp_wait(&lamp->kref, lamp, 7);
}

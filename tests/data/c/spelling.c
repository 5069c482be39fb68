// What kernel C looks like where a plain grammar is lost. Written for the tests.
#include <linux/lamp.h>

#define LAMP_MAX	8
#define LAMP_MIN	1

/* far from the others */

#define lamp_each(lamp, room) \
	list_for_each_entry(lamp, &(room)->lamps, node)

/**
 * struct lamp - one lamp
 */
struct lamp {
	struct list_head node;
	union lamp_colour {
		u32 rgb;
	} colour;
	void __iomem *registers;
};

enum lamp_state { LAMP_OFF, LAMP_ON = 1 };
typedef int (*lamp_hook_t)(struct lamp *lamp);

static struct lamp *lamps[LAMP_MAX] __read_mostly;
extern int lamp_count;
int __must_check lamp_register(struct lamp *lamp);
int lamp_unlit(void) __acquires(&lamp_lock);

static int __init lamp_start(void)
{
	return 0;
}

/* Finds a lamp. */
static struct lamp *
lamp_find(struct list_head *head, u32 rgb)
	__must_hold(&lamp_lock)
{
	struct lamp *lamp __free(kfree) = NULL;
	struct lamp *first = container_of(head, struct lamp, node);

	list_for_each_entry(lamp, head, node) {
		if (lamp->colour.rgb == rgb)
			return lamp;
	}
	for_each_set_bit(rgb, first, 8)
		lamp_show(first);
	scoped_guard(mutex, &lamp_mutex) {
		lamp_hide(first);
	}
	switch (rgb) {
	case 1 ... 3:
		return NULL;
	}
	return ERR_PTR(min_t(unsigned int, rgb, 1) ? -ENODEV : -ENXIO);
}

SYSCALL_DEFINE2(lamp_light, int, number,
		const char __user *, name)
{
	return lamp_light(number, name);
}

static int lamp_cut(struct lamp *lamp)
{
#ifdef CONFIG_LAMP
	if (lamp->on) {
		lamp_show(lamp);
	} else
#endif
	lamp_hide(lamp);
	return 0;
}

int lamp_broken(void)
{
	return @@ ) 0;
}

#ifndef _DRIVERS_LEDS_LANTERN_H
#define _DRIVERS_LEDS_LANTERN_H

#include <linux/device.h>
#include <linux/lantern.h>
#include <linux/list.h>
#include <linux/mutex.h>
#include <linux/refcount.h>
#include <linux/workqueue.h>

/**
 * struct lantern - one light
 * @ref: references of lantern_get() and one of lantern_register()
 * @dev: the driver's device
 * @name: unique among lanterns, owned
 * @ops: how to light it
 * @link: entry in lantern_list, protected by lantern_list_lock
 * @lock: protects all that follows
 * @brightness: what is shown when no pattern plays
 * @steps: the pattern, owned; NULL when there is none
 * @nr_steps: its length
 * @position: next step to show
 * @gone: unregistered: nothing may be shown any longer
 * @work: shows the next step
 */
struct lantern {
	refcount_t ref;
	struct device *dev;
	char *name;
	const struct lantern_ops *ops;
	struct list_head link;
	struct mutex lock;
	u8 brightness;
	struct lantern_step *steps;
	unsigned int nr_steps;
	unsigned int position;
	bool gone;
	struct delayed_work work;
};

int __must_check lantern_show(struct lantern *lantern, u8 brightness);

void lantern_pattern_init(struct lantern *lantern);
void lantern_pattern_stop(struct lantern *lantern);

int __must_check lantern_sysfs_add(struct lantern *lantern);
void lantern_sysfs_remove(struct lantern *lantern);

#endif /* _DRIVERS_LEDS_LANTERN_H */

#ifndef _LINUX_WORKQUEUE_H
#define _LINUX_WORKQUEUE_H

#include <linux/types.h>

struct work_struct {
	struct list_head entry;
	void (*func)(struct work_struct *work);
};

struct delayed_work {
	struct work_struct work;
	unsigned long due;
};

#define to_delayed_work(pointer) container_of(pointer, struct delayed_work, work)

void INIT_DELAYED_WORK(struct delayed_work *work, void (*func)(struct work_struct *work));
bool schedule_delayed_work(struct delayed_work *work, unsigned long delay);
bool cancel_delayed_work(struct delayed_work *work);
bool cancel_delayed_work_sync(struct delayed_work *work);
unsigned long msecs_to_jiffies(unsigned int msecs);

#endif /* _LINUX_WORKQUEUE_H */

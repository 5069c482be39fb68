#ifndef _LINUX_SPINLOCK_H
#define _LINUX_SPINLOCK_H

#include <linux/lockdep.h>
#include <linux/types.h>

typedef struct spinlock {
	u32 ticket;
} spinlock_t;

#define DEFINE_SPINLOCK(name) spinlock_t name = { .ticket = 0 }

unsigned long irq_save(void);
void irq_restore(unsigned long flags);

void spin_lock_init(spinlock_t *lock);
void spin_lock(spinlock_t *lock);
void spin_unlock(spinlock_t *lock);
void spin_lock_bh(spinlock_t *lock);
void spin_unlock_bh(spinlock_t *lock);

#define spin_lock_irqsave(lock, flags)	\
	do {				\
		flags = irq_save();	\
		spin_lock(lock);	\
	} while (0)

#define spin_unlock_irqrestore(lock, flags)	\
	do {					\
		spin_unlock(lock);		\
		irq_restore(flags);		\
	} while (0)

#endif /* _LINUX_SPINLOCK_H */

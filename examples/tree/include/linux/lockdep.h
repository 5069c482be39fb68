#ifndef _LINUX_LOCKDEP_H
#define _LINUX_LOCKDEP_H

void lock_assert(const void *lock);

#define lockdep_assert_held(lock) lock_assert(lock)

#endif /* _LINUX_LOCKDEP_H */

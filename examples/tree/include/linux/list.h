#ifndef _LINUX_LIST_H
#define _LINUX_LIST_H

#include <linux/kernel.h>

#define LIST_HEAD_INIT(name) { &(name), &(name) }
#define LIST_HEAD(name) struct list_head name = LIST_HEAD_INIT(name)

static inline void INIT_LIST_HEAD(struct list_head *head)
{
	head->next = head->prev = head;
}

static inline void list_add(struct list_head *entry, struct list_head *head)
{
	entry->prev = head;
	entry->next = head->next;
	entry->next->prev = entry;
	head->next = entry;
}

static inline void list_add_tail(struct list_head *entry, struct list_head *head)
{
	list_add(entry, head->prev);
}

static inline void list_del(struct list_head *entry)
{
	entry->next->prev = entry->prev;
	entry->prev->next = entry->next;
	entry->next = entry->prev = NULL;
}

static inline void list_move(struct list_head *entry, struct list_head *head)
{
	list_del(entry);
	list_add(entry, head);
}

static inline bool list_empty(const struct list_head *head)
{
	return head->next == head;
}

#define list_entry(pointer, type, member) container_of(pointer, type, member)
#define list_first_entry(head, type, member) list_entry((head)->next, type, member)
#define list_next_entry(entry, member) list_entry((entry)->member.next, typeof(*(entry)), member)

#define list_for_each_entry(entry, head, member)				\
	for (entry = list_first_entry(head, typeof(*entry), member);		\
	     &entry->member != (head);						\
	     entry = list_next_entry(entry, member))

/* The entry may be taken off the list in the body of the loop. */
#define list_for_each_entry_safe(entry, following, head, member)		\
	for (entry = list_first_entry(head, typeof(*entry), member),		\
	     following = list_next_entry(entry, member);			\
	     &entry->member != (head);						\
	     entry = following, following = list_next_entry(following, member))

#endif /* _LINUX_LIST_H */

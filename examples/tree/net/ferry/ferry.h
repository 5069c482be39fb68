#ifndef _NET_FERRY_FERRY_H
#define _NET_FERRY_FERRY_H

#include <linux/ferry.h>
#include <linux/list.h>
#include <linux/skbuff.h>
#include <linux/spinlock.h>

#define FERRY_OWN_HARBOUR 1u

/**
 * struct ferry_queue - packets that wait for their turn
 * @lock: protects @packets and @length; taken from interrupts
 * @packets: linked through sk_buff.list
 * @length: of @packets
 * @max_length: more are refused
 */
struct ferry_queue {
	spinlock_t lock;
	struct list_head packets;
	unsigned int length;
	unsigned int max_length;
};

/**
 * struct ferry_port - an open port
 * @link: entry in ferry_ports, protected by ferry_ports_lock
 * @number: unique
 * @deliver: called with ferry_ports_lock held, so it must not sleep
 * @owner: handed to @deliver
 * @queue: packets to be sent
 */
struct ferry_port {
	struct list_head link;
	u16 number;
	ferry_deliver_t deliver;
	void *owner;
	struct ferry_queue queue;
};

void ferry_queue_init(struct ferry_queue *queue, unsigned int max_length);
int __must_check ferry_queue_push(struct ferry_queue *queue, struct sk_buff *skb);
unsigned int ferry_queue_run(struct ferry_queue *queue);
void ferry_queue_purge(struct ferry_queue *queue);

struct net_device *__must_check ferry_route_lookup(u16 harbour);

#endif /* _NET_FERRY_FERRY_H */

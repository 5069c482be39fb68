/*
 * ferry: queues of packets.
 *
 * A packet in a queue belongs to the queue. ferry_queue_push() takes it only
 * when it returns 0.
 */

#include <linux/errno.h>

#include "ferry.h"

void ferry_queue_init(struct ferry_queue *queue, unsigned int max_length)
{
	spin_lock_init(&queue->lock);
	INIT_LIST_HEAD(&queue->packets);
	queue->length = 0;
	queue->max_length = max_length;
}

/**
 * ferry_queue_push() - add a packet at the end
 * @queue: the queue
 * @skb: belongs to the queue if 0 is returned, else still to the caller
 *
 * Context: Any context.
 * Return: 0, or -ENOBUFS when the queue is full.
 */
int ferry_queue_push(struct ferry_queue *queue, struct sk_buff *skb)
{
	unsigned long flags;
	int err = 0;

	spin_lock_irqsave(&queue->lock, flags);
	if (queue->length >= queue->max_length) {
		err = -ENOBUFS;
		goto out_unlock;
	}
	list_add_tail(&skb->list, &queue->packets);
	queue->length++;

out_unlock:
	spin_unlock_irqrestore(&queue->lock, flags);
	return err;
}

/* Take the first packet; NULL when the queue is empty. */
static struct sk_buff *ferry_queue_pop(struct ferry_queue *queue)
{
	struct sk_buff *skb = NULL;
	unsigned long flags;

	spin_lock_irqsave(&queue->lock, flags);
	if (!list_empty(&queue->packets)) {
		skb = list_first_entry(&queue->packets, struct sk_buff, list);
		list_del(&skb->list);
		queue->length--;
	}
	spin_unlock_irqrestore(&queue->lock, flags);
	return skb;
}

/**
 * ferry_queue_run() - hand all packets to their devices
 * @queue: the queue
 *
 * The lock is dropped around each transmission.
 *
 * Return: How many packets were handed over.
 */
unsigned int ferry_queue_run(struct ferry_queue *queue)
{
	unsigned int count = 0;
	struct sk_buff *skb;

	for (;;) {
		skb = ferry_queue_pop(queue);
		if (!skb)
			return count;
		dev_queue_xmit(skb);
		count++;
	}
}

/* Drop all packets. */
void ferry_queue_purge(struct ferry_queue *queue)
{
	struct sk_buff *skb;

	for (;;) {
		skb = ferry_queue_pop(queue);
		if (!skb)
			return;
		kfree_skb(skb);
	}
}

/*
 * ferry: ports, sending and receiving.
 *
 * ferry_ports_lock is taken in the receive path, with bottom halves off.
 * Lock order: ferry_ports_lock, then ferry_queue.lock; ferry_routes_lock is
 * never taken together with another lock.
 */

#include <linux/err.h>
#include <linux/module.h>
#include <linux/slab.h>

#include "ferry.h"

#define FERRY_QUEUE_LENGTH 64u

static LIST_HEAD(ferry_ports);
static DEFINE_SPINLOCK(ferry_ports_lock);

static struct ferry_port *ferry_port_find(u16 number)
{
	struct ferry_port *port;

	lockdep_assert_held(&ferry_ports_lock);

	list_for_each_entry(port, &ferry_ports, link) {
		if (port->number == number)
			return port;
	}
	return NULL;
}

/**
 * ferry_port_open() - receive the packets of a port
 * @number: of the port
 * @deliver: called for each packet, which it consumes; must not sleep
 * @owner: handed to @deliver
 *
 * Context: May sleep.
 * Return: The port, to be given to ferry_port_close(), or an ERR_PTR: -ENOMEM, -EEXIST.
 */
struct ferry_port *ferry_port_open(u16 number, ferry_deliver_t deliver, void *owner)
{
	struct ferry_port *port;

	port = kzalloc(sizeof(*port), GFP_KERNEL);
	if (!port)
		return ERR_PTR(-ENOMEM);

	port->number = number;
	port->deliver = deliver;
	port->owner = owner;
	ferry_queue_init(&port->queue, FERRY_QUEUE_LENGTH);

	spin_lock_bh(&ferry_ports_lock);
	if (ferry_port_find(number))
		goto err_unlock;
	list_add_tail(&port->link, &ferry_ports);
	spin_unlock_bh(&ferry_ports_lock);
	return port;

err_unlock:
	spin_unlock_bh(&ferry_ports_lock);
	kfree(port);
	return ERR_PTR(-EEXIST);
}
EXPORT_SYMBOL_GPL(ferry_port_open);

/* No packet is delivered after this; those that wait to be sent are dropped. */
void ferry_port_close(struct ferry_port *port)
{
	spin_lock_bh(&ferry_ports_lock);
	list_del(&port->link);
	spin_unlock_bh(&ferry_ports_lock);

	ferry_queue_purge(&port->queue);
	kfree(port);
}
EXPORT_SYMBOL_GPL(ferry_port_close);

static struct sk_buff *ferry_packet(struct ferry_port *port, u16 to, const void *payload, size_t length)
{
	struct ferry_header *header;
	struct sk_buff *skb;

	skb = alloc_skb(sizeof(*header) + length, GFP_KERNEL);
	if (!skb)
		return NULL;

	header = skb_put(skb, sizeof(*header));
	header->to = to;
	header->from = FERRY_OWN_HARBOUR;
	header->port = port->number;
	header->hops = FERRY_MAX_HOPS;
	memcpy(skb_put(skb, length), payload, length);
	return skb;
}

/**
 * ferry_send() - send a packet
 * @port: from which port; the packet goes to the same port at @to
 * @to: harbour
 * @payload: copied
 * @length: at most FERRY_MAX_PAYLOAD
 *
 * Context: May sleep.
 * Return: 0, -E2BIG, -EHOSTUNREACH, -ENOMEM, or -ENOBUFS when the queue is full.
 */
int ferry_send(struct ferry_port *port, u16 to, const void *payload, size_t length)
{
	struct net_device *dev;
	struct sk_buff *skb;
	int err;

	if (length > FERRY_MAX_PAYLOAD)
		return -E2BIG;

	dev = ferry_route_lookup(to);
	if (IS_ERR(dev))
		return PTR_ERR(dev);

	skb = ferry_packet(port, to, payload, length);
	if (!skb)
		return -ENOMEM;
	skb->dev = dev;

	err = ferry_queue_push(&port->queue, skb);
	if (err) {
		kfree_skb(skb);
		return err;
	}

	ferry_queue_run(&port->queue);
	return 0;
}
EXPORT_SYMBOL_GPL(ferry_send);

/* Send on a packet for another harbour. Consumes @skb. */
static int ferry_forward(struct sk_buff *skb, struct ferry_header *header)
{
	struct net_device *dev;

	if (!header->hops) {
		kfree_skb(skb);
		return -EHOSTUNREACH;
	}
	header->hops--;

	dev = ferry_route_lookup(header->to);
	if (IS_ERR(dev)) {
		kfree_skb(skb);
		return PTR_ERR(dev);
	}

	skb->dev = dev;
	return dev_queue_xmit(skb);
}

static int ferry_deliver(struct sk_buff *skb, u16 number)
{
	struct ferry_port *port;
	int err = 0;

	skb_pull(skb, sizeof(struct ferry_header));

	spin_lock_bh(&ferry_ports_lock);
	port = ferry_port_find(number);
	if (port) {
		port->deliver(skb, port->owner);
	} else {
		kfree_skb(skb);
		err = -ENOENT;
	}
	spin_unlock_bh(&ferry_ports_lock);
	return err;
}

/**
 * ferry_receive() - take a packet from a device
 * @skb: consumed
 *
 * Context: Softirq. Does not sleep.
 * Return: 0 or a negative errno; the packet is gone either way.
 */
int ferry_receive(struct sk_buff *skb)
{
	struct ferry_header *header;

	if (skb->len < sizeof(*header)) {
		kfree_skb(skb);
		return -EINVAL;
	}

	header = (struct ferry_header *)skb->data;
	if (header->to != FERRY_OWN_HARBOUR)
		return ferry_forward(skb, header);
	return ferry_deliver(skb, header->port);
}
EXPORT_SYMBOL_GPL(ferry_receive);

MODULE_DESCRIPTION("ferry, packets from harbour to harbour");

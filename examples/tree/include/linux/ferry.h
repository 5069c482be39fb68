#ifndef _LINUX_FERRY_H
#define _LINUX_FERRY_H

#include <linux/types.h>

#define FERRY_MAX_PAYLOAD 1400u
#define FERRY_MAX_HOPS 16u

struct ferry_port;
struct net_device;
struct sk_buff;

/**
 * struct ferry_header - in front of each ferry packet
 * @to: harbour that the packet goes to
 * @from: harbour that it came from
 * @port: port at @to
 * @hops: harbours that it may still pass
 */
struct ferry_header {
	u16 to;
	u16 from;
	u16 port;
	u16 hops;
};

typedef void (*ferry_deliver_t)(struct sk_buff *skb, void *owner);

struct ferry_port *__must_check ferry_port_open(u16 number, ferry_deliver_t deliver, void *owner);
void ferry_port_close(struct ferry_port *port);
int __must_check ferry_send(struct ferry_port *port, u16 to, const void *payload, size_t length);
int ferry_receive(struct sk_buff *skb);

int __must_check ferry_route_add(u16 harbour, struct net_device *dev, u32 cost);
int ferry_route_remove(u16 harbour, struct net_device *dev);
void ferry_route_flush(struct net_device *dev);

#endif /* _LINUX_FERRY_H */

#ifndef _LINUX_SKBUFF_H
#define _LINUX_SKBUFF_H

#include <linux/types.h>

struct net_device;

struct sk_buff {
	struct list_head list;
	struct net_device *dev;
	unsigned int len;
	u8 *data;
};

struct sk_buff *__must_check alloc_skb(unsigned int size, gfp_t gfp);
void kfree_skb(struct sk_buff *skb);
void *skb_put(struct sk_buff *skb, unsigned int len);
void *skb_pull(struct sk_buff *skb, unsigned int len);

/* Consumes @skb, whatever it returns. */
int dev_queue_xmit(struct sk_buff *skb);

#endif /* _LINUX_SKBUFF_H */

/*
 * ferry: which device leads to which harbour.
 *
 * The table is looked up in softirq context, so it is under a spinlock and an
 * entry is allocated before the lock is taken.
 */

#include <linux/err.h>
#include <linux/module.h>
#include <linux/slab.h>

#include "ferry.h"

struct ferry_route {
	struct list_head link;
	u16 harbour;
	u32 cost;
	struct net_device *dev;
};

static LIST_HEAD(ferry_routes);
static DEFINE_SPINLOCK(ferry_routes_lock);

static struct ferry_route *ferry_route_find(u16 harbour, struct net_device *dev)
{
	struct ferry_route *route;

	lockdep_assert_held(&ferry_routes_lock);

	list_for_each_entry(route, &ferry_routes, link) {
		if (route->harbour == harbour && route->dev == dev)
			return route;
	}
	return NULL;
}

/**
 * ferry_route_lookup() - find the cheapest device that leads to a harbour
 * @harbour: the harbour
 *
 * Context: Any but hard interrupts. Does not sleep.
 * Return: The device, or an ERR_PTR: -EHOSTUNREACH.
 */
struct net_device *ferry_route_lookup(u16 harbour)
{
	struct net_device *dev = ERR_PTR(-EHOSTUNREACH);
	struct ferry_route *route, *best = NULL;

	spin_lock_bh(&ferry_routes_lock);
	list_for_each_entry(route, &ferry_routes, link) {
		if (route->harbour != harbour)
			continue;
		if (!best || route->cost < best->cost)
			best = route;
	}
	if (best)
		dev = best->dev;
	spin_unlock_bh(&ferry_routes_lock);
	return dev;
}

/**
 * ferry_route_add() - add a route or change the cost of one
 * @harbour: where to
 * @dev: over which device
 * @cost: the cheapest route is used
 *
 * Context: May sleep.
 * Return: 0, -EINVAL or -ENOMEM.
 */
int ferry_route_add(u16 harbour, struct net_device *dev, u32 cost)
{
	struct ferry_route *route, *known;

	if (harbour == FERRY_OWN_HARBOUR)
		return -EINVAL;

	route = kzalloc(sizeof(*route), GFP_KERNEL);
	if (!route)
		return -ENOMEM;

	route->harbour = harbour;
	route->dev = dev;
	route->cost = cost;

	spin_lock_bh(&ferry_routes_lock);
	known = ferry_route_find(harbour, dev);
	if (known) {
		known->cost = cost;
	} else {
		list_add_tail(&route->link, &ferry_routes);
		route = NULL;
	}
	spin_unlock_bh(&ferry_routes_lock);

	kfree(route);
	return 0;
}
EXPORT_SYMBOL_GPL(ferry_route_add);

/* Remove one route. -ENOENT when there is none. */
int ferry_route_remove(u16 harbour, struct net_device *dev)
{
	struct ferry_route *route;

	spin_lock_bh(&ferry_routes_lock);
	route = ferry_route_find(harbour, dev);
	if (route)
		list_del(&route->link);
	spin_unlock_bh(&ferry_routes_lock);

	if (!route)
		return -ENOENT;
	kfree(route);
	return 0;
}
EXPORT_SYMBOL_GPL(ferry_route_remove);

/* Remove all routes over a device that goes away. */
void ferry_route_flush(struct net_device *dev)
{
	struct ferry_route *route, *next;

	spin_lock_bh(&ferry_routes_lock);
	list_for_each_entry_safe(route, next, &ferry_routes, link) {
		if (route->dev != dev)
			continue;
		list_del(&route->link);
		kfree(route);
	}
	spin_unlock_bh(&ferry_routes_lock);
}
EXPORT_SYMBOL_GPL(ferry_route_flush);

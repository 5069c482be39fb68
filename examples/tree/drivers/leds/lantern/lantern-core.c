/*
 * lantern: registration, look-up and brightness.
 *
 * Lock order: lantern_list_lock, then lantern.lock.
 */

#include <linux/err.h>
#include <linux/module.h>
#include <linux/slab.h>

#include "lantern.h"

static LIST_HEAD(lantern_list);
static DEFINE_MUTEX(lantern_list_lock);

static struct lantern *lantern_find(const char *name)
{
	struct lantern *lantern;

	lockdep_assert_held(&lantern_list_lock);

	list_for_each_entry(lantern, &lantern_list, link) {
		if (!strcmp(lantern->name, name))
			return lantern;
	}
	return NULL;
}

/* Caller holds lantern->lock. -ENODEV once the driver is gone. */
int lantern_show(struct lantern *lantern, u8 brightness)
{
	lockdep_assert_held(&lantern->lock);

	if (lantern->gone)
		return -ENODEV;
	return lantern->ops->set(lantern, brightness);
}

/**
 * lantern_brightness_set() - show a steady brightness
 * @lantern: the light
 * @brightness: 0 to LANTERN_MAX_BRIGHTNESS
 *
 * Context: May sleep. Takes lantern->lock.
 * Return: 0, -EBUSY while a pattern plays, -ENODEV, or the error of the driver.
 */
int lantern_brightness_set(struct lantern *lantern, u8 brightness)
{
	int err;

	mutex_lock(&lantern->lock);
	if (lantern->steps) {
		err = -EBUSY;
		goto out_unlock;
	}

	err = lantern_show(lantern, brightness);
	if (!err)
		lantern->brightness = brightness;

out_unlock:
	mutex_unlock(&lantern->lock);
	return err;
}
EXPORT_SYMBOL_GPL(lantern_brightness_set);

/**
 * lantern_get() - take a reference on a light
 * @name: its name
 *
 * Context: May sleep.
 * Return: The light, to be given back with lantern_put(), or an ERR_PTR: -ENOENT.
 */
struct lantern *lantern_get(const char *name)
{
	struct lantern *lantern;

	mutex_lock(&lantern_list_lock);
	lantern = lantern_find(name);
	if (lantern)
		refcount_inc(&lantern->ref);
	else
		lantern = ERR_PTR(-ENOENT);
	mutex_unlock(&lantern_list_lock);
	return lantern;
}
EXPORT_SYMBOL_GPL(lantern_get);

/* Give back a light; it may be unregistered by now. */
void lantern_put(struct lantern *lantern)
{
	if (!refcount_dec_and_test(&lantern->ref))
		return;

	mutex_destroy(&lantern->lock);
	kfree(lantern->name);
	kfree(lantern);
}
EXPORT_SYMBOL_GPL(lantern_put);

static int lantern_publish(struct lantern *lantern)
{
	int err = 0;

	mutex_lock(&lantern_list_lock);
	if (lantern_find(lantern->name)) {
		err = -EEXIST;
		goto out_unlock;
	}
	list_add_tail(&lantern->link, &lantern_list);

out_unlock:
	mutex_unlock(&lantern_list_lock);
	return err;
}

static void lantern_withdraw(struct lantern *lantern)
{
	mutex_lock(&lantern_list_lock);
	list_del(&lantern->link);
	mutex_unlock(&lantern_list_lock);
}

/**
 * lantern_register() - make a light known
 * @dev: the driver's device, with @ops as long as the light is registered
 * @name: unique name
 * @ops: how to light it
 *
 * Context: May sleep.
 * Return: The light, to be taken back with lantern_unregister(), or an ERR_PTR.
 */
struct lantern *lantern_register(struct device *dev, const char *name, const struct lantern_ops *ops)
{
	struct lantern *lantern;
	int err;

	lantern = kzalloc(sizeof(*lantern), GFP_KERNEL);
	if (!lantern)
		return ERR_PTR(-ENOMEM);

	lantern->name = kstrdup(name, GFP_KERNEL);
	if (!lantern->name) {
		err = -ENOMEM;
		goto err_free;
	}

	lantern->dev = dev;
	lantern->ops = ops;
	refcount_set(&lantern->ref, 1);
	mutex_init(&lantern->lock);
	lantern_pattern_init(lantern);

	err = lantern_publish(lantern);
	if (err)
		goto err_free_name;

	err = lantern_sysfs_add(lantern);
	if (err)
		goto err_withdraw;

	return lantern;

err_withdraw:
	lantern_withdraw(lantern);
	lantern_pattern_stop(lantern);
	lantern_put(lantern);
	return ERR_PTR(err);

err_free_name:
	kfree(lantern->name);
err_free:
	kfree(lantern);
	return ERR_PTR(err);
}
EXPORT_SYMBOL_GPL(lantern_register);

/* Afterwards no operation of the driver is called, though references may remain. */
void lantern_unregister(struct lantern *lantern)
{
	lantern_sysfs_remove(lantern);
	lantern_withdraw(lantern);
	lantern_pattern_stop(lantern);
	lantern_put(lantern);
}
EXPORT_SYMBOL_GPL(lantern_unregister);

MODULE_DESCRIPTION("lantern, lights that play patterns");

#include <linux/lamp.h>

/**
 * lamp_get - take a reference to a lamp
 * @name: of the lamp
 *
 * Whoever gets a lamp puts it with lamp_put().
 * Return: the lamp, or an error pointer when there is none.
 */
struct lamp *lamp_get(const char *name)
{
	struct lamp *lamp = lamp_find(name);

	if (!lamp)
		return ERR_PTR(-ENODEV);
	kref_get(&lamp->users);
	return lamp;
}
EXPORT_SYMBOL_GPL(lamp_get);

void lamp_put(struct lamp *lamp)
{
	kref_put(&lamp->users, lamp_release);
}
EXPORT_SYMBOL_GPL(lamp_put);

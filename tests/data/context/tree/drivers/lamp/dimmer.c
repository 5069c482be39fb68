#include <linux/lamp.h>

static int dimmer_probe(struct device *dev)
{
	struct lamp *lamp = lamp_get(dev_name(dev));

	if (IS_ERR(lamp))
		return dev_err_probe(dev, PTR_ERR(lamp), "no lamp to dim\n");
	lamp->volts = LAMP_VOLTS / 2;
	return dimmer_start(lamp);
}

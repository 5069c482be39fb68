#include <linux/lamp.h>

static int lamp_probe(struct device *dev)
{
	struct lamp *lamp = lamp_get(dev_name(dev));

	lamp->volts = LAMP_VOLTS;
	return lamp_light(lamp);
}

static void lamp_blink(struct device *dev)
{
	lamp_schedule(dev, LAMP_BLINK_MSECS);
}

static int lamp_reprobe(struct device *dev)
{
	lamp_forget(dev);
	return lamp_probe(dev);
}

static struct lamp_driver lamp_driver = {
	.name = "lamp",
	.probe = lamp_probe,
	.shutdown = lamp_blink,
};

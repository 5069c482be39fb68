/*
 * lantern: the LN-40 light on an I2C bus.
 *
 * Brightness is a byte in one register; the light must be enabled in the
 * control register first and says in the status register that it is.
 */

#include <linux/err.h>
#include <linux/i2c.h>
#include <linux/module.h>

#include "lantern.h"

#define LN40_REG_ID 0x00
#define LN40_REG_CONTROL 0x01
#define LN40_REG_BRIGHTNESS 0x02
#define LN40_REG_STATUS 0x03

#define LN40_ID 0x40
#define LN40_CONTROL_ENABLE 0x01
#define LN40_STATUS_READY 0x01

struct ln40 {
	struct i2c_client *client;
	struct lantern *lantern;
};

static int ln40_set(struct lantern *lantern, u8 brightness)
{
	struct i2c_client *client = container_of(lantern->dev, struct i2c_client, dev);

	return i2c_smbus_write_byte_data(client, LN40_REG_BRIGHTNESS, brightness);
}

static const struct lantern_ops ln40_ops = {
	.set = ln40_set,
};

static int ln40_check_id(struct i2c_client *client)
{
	s32 id;

	id = i2c_smbus_read_byte_data(client, LN40_REG_ID);
	if (id < 0)
		return id;
	return id == LN40_ID ? 0 : -ENODEV;
}

static int ln40_enable(struct i2c_client *client)
{
	s32 status;
	int err;

	err = i2c_smbus_write_byte_data(client, LN40_REG_CONTROL, LN40_CONTROL_ENABLE);
	if (err)
		return err;

	status = i2c_smbus_read_byte_data(client, LN40_REG_STATUS);
	if (status < 0)
		return status;
	return status & LN40_STATUS_READY ? 0 : -EIO;
}

static void ln40_disable(void *data)
{
	struct i2c_client *client = data;

	if (i2c_smbus_write_byte_data(client, LN40_REG_CONTROL, 0))
		dev_warn(&client->dev, "cannot be switched off\n");
}

static int ln40_probe(struct i2c_client *client)
{
	struct ln40 *ln40;
	int err;

	err = ln40_check_id(client);
	if (err)
		return dev_err_probe(&client->dev, err, "not an LN-40\n");

	ln40 = devm_kzalloc(&client->dev, sizeof(*ln40), GFP_KERNEL);
	if (!ln40)
		return -ENOMEM;

	/* Before it is enabled: a light that is not ready is switched off again. */
	err = devm_add_action_or_reset(&client->dev, ln40_disable, client);
	if (err)
		return err;

	err = ln40_enable(client);
	if (err)
		return dev_err_probe(&client->dev, err, "cannot be enabled\n");

	ln40->client = client;
	ln40->lantern = lantern_register(&client->dev, client->dev.name, &ln40_ops);
	if (IS_ERR(ln40->lantern))
		return PTR_ERR(ln40->lantern);

	return 0;
}

/* lantern_sysfs_add() keeps the lantern as driver data of the device. */
static void ln40_remove(struct i2c_client *client)
{
	lantern_unregister(i2c_get_clientdata(client));
}

static const struct i2c_device_id ln40_ids[] = {
	{ .name = "ln40" },
	{ .name = "" },
};

static struct i2c_driver ln40_driver = {
	.name = "lantern-ln40",
	.probe = ln40_probe,
	.remove = ln40_remove,
	.id_table = ln40_ids,
};
module_i2c_driver(ln40_driver);

MODULE_DESCRIPTION("LN-40 light");

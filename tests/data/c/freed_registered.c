int bad_after_register(struct lamp *lamp)
{
	int err = device_register(&lamp->dev);

	if (err)
		kfree(lamp);
	return err;
}

int bad_platform(struct platform_device *pdev)
{
	int err = platform_device_register(pdev);

	if (err) {
		kfree(pdev);
		return err;
	}
	return 0;
}

int bad_at_the_label(struct lamp *lamp)
{
	int err;

	device_initialize(&lamp->dev);
	err = lamp_start(lamp);
	if (err)
		goto out;
	return 0;
out:
	kfree(lamp);
	return err;
}

int good_put(struct lamp *lamp)
{
	int err = device_register(&lamp->dev);

	if (err)
		put_device(&lamp->dev);
	return err;
}

int good_freed_before(struct lamp *lamp)
{
	int err = lamp_start(lamp);

	if (err) {
		kfree(lamp);
		return err;
	}
	return device_register(&lamp->dev);
}

int good_part_of_it(struct lamp *lamp)
{
	int err = device_register(&lamp->dev);

	if (err) {
		kfree(lamp->name);
		put_device(&lamp->dev);
	}
	return err;
}

int bad_plain(struct lamp *lamp)
{
	char *name = kmalloc(8, GFP_KERNEL);

	if (!name)
		return -ENOMEM;
	if (lamp->gone)
		return -ENODEV;
	kfree(name);
	return 0;
}

int bad_goto_past_the_free(struct lamp *lamp)
{
	struct lamp *copy;
	int err;

	copy = kzalloc(sizeof(*copy), GFP_KERNEL);
	if (copy == NULL)
		return -ENOMEM;
	copy->on = lamp->on;
	memcpy(copy->name, lamp->name, sizeof(copy->name));
	err = lamp_check(lamp);
	if (err)
		goto out;
	lamp_use(copy);
	kfree(copy);
	return 0;
out:
	return err;
}

struct lamp *bad_second_of_two(void)
{
	struct lamp *lamp, *twin;

	lamp = kzalloc(sizeof(*lamp), GFP_KERNEL);
	if (!lamp)
		return NULL;
	twin = kzalloc(sizeof(*twin), GFP_KERNEL);
	if (!twin)
		return NULL;
	lamp->twin = twin;
	return lamp;
}

int bad_only_printed(struct device *dev)
{
	struct device_node *node;

	node = of_get_child_by_name(dev->of_node, "lamp");
	if (!node)
		return -ENODEV;
	if (of_property_read_u32(node, "reg", &dev->reg)) {
		dev_err(dev, "no reg in %pOF\n", node);
		return -EINVAL;
	}
	of_node_put(node);
	return 0;
}

int bad_firmware(struct lamp *lamp)
{
	const struct firmware *fw;
	int err;

	err = request_firmware(&fw, "lamp.bin", lamp->dev);
	if (err)
		return err;
	if (fw->size < 4)
		return -EINVAL;
	release_firmware(fw);
	return 0;
}

int bad_clock(struct lamp *lamp)
{
	int ret;

	ret = clk_prepare_enable(lamp->clk);
	if (ret)
		return ret;
	lamp->irq = lamp_irq_number(lamp->dev);
	if (lamp->irq < 0)
		return lamp->irq;
	return 0;
}

int bad_error_pointer(struct lamp *lamp, const char *text)
{
	char *copy = strndup_user(text, 8);

	if (IS_ERR(copy))
		return PTR_ERR(copy);
	if (!*copy)
		return -EINVAL;
	kfree(copy);
	return 0;
}

int good_freed(struct lamp *lamp)
{
	char *name = kmalloc(8, GFP_KERNEL);
	int err = 0;

	if (!name)
		return -ENOMEM;
	if (lamp->gone)
		err = -ENODEV;
	kfree(name);
	return err;
}

int good_goto(struct lamp *lamp)
{
	struct lamp *copy;
	char *name = NULL;
	int err = -ENOMEM;

	copy = kzalloc(sizeof(*copy), GFP_KERNEL);
	if (!copy)
		goto out;
	name = kstrdup(lamp->name, GFP_KERNEL);
	if (!name)
		goto out;
	err = 0;
out:
	kfree(name);
	kfree(copy);
	return err;
}

int good_stored(struct lamp *lamp)
{
	char *name = kmalloc(8, GFP_KERNEL);

	if (!name)
		return -ENOMEM;
	lamp->name = name;
	if (lamp->gone)
		return -ENODEV;
	return 0;
}

int good_stored_at_once(struct lamp *lamp)
{
	char *name;

	lamp->name = name = kmalloc(8, GFP_KERNEL);
	if (!name)
		return -ENOMEM;
	if (lamp->gone)
		return -ENODEV;
	return 0;
}

int good_listed(struct room *room)
{
	struct lamp *lamp = kzalloc(sizeof(*lamp), GFP_KERNEL);

	if (!lamp)
		return -ENOMEM;
	list_add(&lamp->node, &room->lamps);
	if (room->dark)
		return -EIO;
	return 0;
}

int good_either_missing(struct lamp *lamp)
{
	char *name = kmalloc(8, GFP_KERNEL);

	if (WARN_ON(!name))
		return -ENOMEM;
	return lamp_take(lamp, name);
}

int good_managed(struct lamp *lamp)
{
	char *name __free(kfree) = kmalloc(8, GFP_KERNEL);

	if (!name)
		return -ENOMEM;
	if (lamp->gone)
		return -ENODEV;
	return 0;
}

int good_aliased(struct lamp *lamp)
{
	char *name = kmalloc(8, GFP_KERNEL);
	char *end = name + 4;

	if (!name)
		return -ENOMEM;
	if (lamp->gone) {
		kfree(end - 4);
		return -ENODEV;
	}
	return lamp_take(lamp, end);
}

int good_tested_later(struct lamp *lamp)
{
	char *name = kmalloc(8, GFP_KERNEL);
	int err = name ? 0 : -ENOMEM;

	if (err)
		return err;
	return lamp_take(lamp, name);
}

int good_error_pointer(struct lamp *lamp)
{
	struct clk *clk = clk_get(lamp->dev, "lamp");

	if (IS_ERR(clk))
		return PTR_ERR(clk);
	clk_put(clk);
	return 0;
}

int good_clock(struct lamp *lamp)
{
	int ret = clk_prepare_enable(lamp->clk);

	if (ret)
		return ret;
	if (lamp->gone) {
		lamp_power_off(lamp);
		return -ENODEV;
	}
	return devm_add_action_or_reset(lamp->dev, lamp_clk_off, lamp);
}

bool good_not_an_error(struct lamp *lamp)
{
	char *name = kmalloc(8, GFP_KERNEL);

	if (!name)
		return false;
	lamp_take(lamp, name);
	return true;
}

int bad_walk_left_by_return(struct lamp *lamp, struct device_node *np)
{
	struct device_node *child;
	int err;

	for_each_child_of_node(np, child) {
		err = of_property_read_u32(child, "reg", &lamp->reg);
		if (err)
			return err;
	}
	return 0;
}

int good_walk_left_with_put(struct lamp *lamp, struct device_node *np)
{
	struct device_node *child;
	int err;

	for_each_child_of_node(np, child) {
		err = of_property_read_u32(child, "reg", &lamp->reg);
		if (err) {
			of_node_put(child);
			return err;
		}
	}
	return 0;
}

int bad_walk_left_by_break(struct lamp *lamp)
{
	struct device_node *node;

	for_each_compatible_node(node, NULL, "example,lamp") {
		if (of_device_is_available(node))
			break;
	}
	return lamp->err;
}

int good_walk_that_keeps(struct lamp *lamp, struct device_node *np)
{
	struct device_node *child;

	for_each_available_child_of_node(np, child) {
		lamp->node = child;
		if (lamp->only)
			return 0;
	}
	return -ENODEV;
}

static int lamp_all_of_a_count_good(struct lamp_info const *info, unsigned int n)
{
	struct lamp_board *board;
	int i;

	if (!n)
		return 0;
	board = kcalloc(n, sizeof(*board), GFP_KERNEL);
	if (!board)
		return -ENOMEM;
	for (i = 0; i < n; i++, board++, info++)
		list_add_tail(&board->list, &lamp_boards);
	return 0;
}

static int bad_none_of_a_count(struct lamp_info const *info, unsigned int n)
{
	struct lamp_board *board = kzalloc(sizeof(*board), GFP_KERNEL);
	int err, i;

	if (!board)
		return -ENOMEM;
	for (i = 0; i < n; i++) {
		err = lamp_look(&info[i]);
		if (err)
			return err;
	}
	lamp_keep(board);
	return 0;
}

struct lamp *lamp_find(int id)
{
	struct lamp *lamp = lamp_table[id];

	if (!lamp)
		return NULL;
	return lamp;
}

int lamp_set(struct lamp *lamp, int level)
{
	lamp->level = level;
	return 0;
}

int lamp_show(int id)
{
	struct lamp *lamp = lamp_find(id);

	if (!lamp)
		return -ENODEV;
	return lamp->level;
}

int lamp_dim(struct lamp *lamp)
{
	return lamp_set(lamp, 1);
}

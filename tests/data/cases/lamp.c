int lamp_add(struct room *room)
{
	struct lamp *lamp = kzalloc(8, GFP_KERNEL);

	if (!lamp)
		return -ENOMEM;
	lamp->room = room;
	return room_take(room, lamp);
}

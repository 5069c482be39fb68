#include <linux/lamp.h>

void straight(struct lamp *lamp)
{
	might_sleep();
}

void two_away(struct lamp *lamp)
{
	three_away(lamp);
}

void three_away(struct lamp *lamp)
{
	straight(lamp);
}

void in_branch(struct lamp *lamp)
{
	if (lamp->slow)
		straight(lamp);
}

void above_branch(struct lamp *lamp)
{
	in_branch(lamp);
}

int after_success(struct lamp *lamp)
{
	if (lamp->lit)
		return 0;
	straight(lamp);
	return 0;
}

int after_failure(struct lamp *lamp)
{
	int err = lamp_check(lamp);

	if (err)
		return err;
	straight(lamp);
	return 0;
}

void by_flag(struct lamp *lamp, bool wait)
{
	if (wait)
		straight(lamp);
}

int when_not_atomic(struct lamp *lamp)
{
	if (in_interrupt())
		lamp_queue(lamp);
	straight(lamp);
	return 0;
}

void broken(struct lamp *lamp)
{
	straight(lamp);
	lamp_show(lamp) +* ;
}

void through_member(struct lamp *lamp)
{
	lamp->ops->straight(lamp);
}

void *allocates(gfp_t gfp)
{
	might_alloc(gfp);
	return NULL;
}

void *hands_on(int size, gfp_t gfp)
{
	return allocates(gfp);
}

void *waits(int size)
{
	return hands_on(size, GFP_KERNEL);
}

void *hurries(int size)
{
	return hands_on(size, GFP_ATOMIC);
}

void *unsure(struct lamp *lamp)
{
	return hands_on(1, lamp->gfp);
}

void *own_flags(struct lamp *lamp, gfp_t gfp)
{
	gfp_t more = gfp | __GFP_ZERO;

	return allocates(more);
}

void *by_branch(gfp_t gfp)
{
	if (gfpflags_allow_blocking(gfp))
		might_sleep();
	return NULL;
}

void faults(struct lamp *lamp)
{
	might_fault();
}

void talks(struct lamp *lamp)
{
	printk("lamp\n");
	spin_lock(&lamp->lock);
}

void printk(const char *text, ...)
{
	might_sleep();
}

void spin_lock(spinlock_t *lock)
{
	might_sleep();
}

void round_one(int n)
{
	round_two(n);
}

void round_two(int n)
{
	round_one(n);
}

void itself(int n)
{
	itself(n - 1);
}

void spiral_one(int n)
{
	spiral_two(n);
	straight(0);
}

void spiral_two(int n)
{
	spiral_one(n);
}

void uses_macro(struct lamp *lamp)
{
	wait_for_lamp(lamp);
}

void uses_both(struct lamp *lamp)
{
	lamp_both(lamp);
}

void uses_stubbed(struct lamp *lamp)
{
	lamp_stubbed(lamp);
}

void uses_split(struct lamp *lamp)
{
	lamp_split(lamp);
}

void uses_hidden(struct lamp *lamp)
{
	hidden(lamp);
}

void uses_tool(struct lamp *lamp)
{
	tool_wait(lamp);
}

void lamp_both(struct lamp *lamp)
{
	lamp_look(lamp);
}

void lamp_stubbed(struct lamp *lamp)
{
	might_sleep();
}

void lamp_split(struct lamp *lamp)
{
	lamp_look(lamp);
}

/* What is freed is looked into or freed again in the bad ones only. */

int bad_used(struct lamp *lamp, struct job *job)
{
	kfree(job);
	lamp->last = job->id;
	return 0;
}

int good_used_before(struct lamp *lamp, struct job *job)
{
	lamp->last = job->id;
	kfree(job);
	return 0;
}

int bad_twice(struct lamp *lamp)
{
	struct job *job = kzalloc(sizeof(*job), GFP_KERNEL);
	int err;

	if (!job)
		return -ENOMEM;
	err = lamp_add(lamp, job);
	if (err)
		kfree(job);
	kfree(job);
	return err;
}

int good_once_each(struct lamp *lamp)
{
	struct job *job = kzalloc(sizeof(*job), GFP_KERNEL);
	int err;

	if (!job)
		return -ENOMEM;
	err = lamp_add(lamp, job);
	if (err) {
		kfree(job);
		return err;
	}
	kfree(job);
	return 0;
}

void bad_walk(struct lamp *lamp)
{
	struct job *job;

	list_for_each_entry(job, &lamp->jobs, node) {
		list_del(&job->node);
		kfree(job);
	}
}

void good_safe_walk(struct lamp *lamp)
{
	struct job *job, *next;

	list_for_each_entry_safe(job, next, &lamp->jobs, node) {
		list_del(&job->node);
		kfree(job);
	}
}

void good_walk_that_ends(struct lamp *lamp, int id)
{
	struct job *job;

	list_for_each_entry(job, &lamp->jobs, node) {
		if (job->id == id) {
			list_del(&job->node);
			kfree(job);
			break;
		}
	}
}

void bad_member(struct lamp *lamp)
{
	kfree(lamp->job);
	lamp->on = lamp->job->id;
}

void good_member_set_again(struct lamp *lamp)
{
	kfree(lamp->job);
	lamp->job = lamp_next(lamp);
	lamp->on = lamp->job->id;
}

void good_member_given_away(struct lamp *lamp)
{
	kfree(lamp->job);
	lamp_refill(lamp);
	lamp->on = lamp->job->id;
}

void good_other_way(struct lamp *lamp, struct job *job)
{
	if (lamp->gone)
		kfree(job);
	else
		job->id = 1;
}

void good_address(struct lamp *lamp, struct job *job)
{
	kfree(job);
	lamp->known = job != lamp->first;
	job = NULL;
}

static void lamp_drop(struct job *job)
{
	kfree(job);
}

int bad_by_a_callee(struct lamp *lamp, struct job *job)
{
	lamp_drop(job);
	return job->id;
}

int good_loop_sets_it(struct lamp *lamp)
{
	struct job *job;
	int i;

	for (i = 0; i < 3; i++) {
		job = lamp_take(lamp, i);
		if (!job->id)
			kfree(job);
	}
	return 0;
}

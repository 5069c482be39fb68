int bad_null(struct lamp *lamp, struct job *job)
{
	if (!job) {
		dev_err(lamp->dev, "no job %d\n", job->id);
		return -EINVAL;
	}
	return 0;
}

int bad_at_the_label(struct lamp *lamp)
{
	struct job *job = lamp_job(lamp);
	int err = 0;

	if (!job) {
		err = -ENOMEM;
		goto out;
	}
	err = lamp_run(lamp, job);
out:
	lamp->last = job->id;
	return err;
}

int bad_freed(struct lamp *lamp, void __user *from)
{
	struct job *job;
	int err;

	job = memdup_user(from, sizeof(*job));
	if (IS_ERR(job)) {
		err = PTR_ERR(job);
		goto out;
	}
	err = lamp_run(lamp, job);
out:
	kfree(job);
	return err;
}

int good_freed_null(struct lamp *lamp)
{
	struct job *job = lamp_job(lamp);
	int err = -ENOMEM;

	if (!job)
		goto out;
	err = lamp_run(lamp, job);
out:
	kfree(job);
	return err;
}

int good_set(struct lamp *lamp)
{
	if (!lamp->job)
		lamp->job = lamp_next(lamp);
	return lamp->job->id;
}

int good_set_by_a_callee(struct lamp *lamp)
{
	if (!lamp->job)
		lamp_fill(lamp);
	return lamp->job->id;
}

int good_only_its_type(struct lamp *lamp, struct job *job)
{
	if (!job)
		return sizeof(job->id) + offsetof(typeof(*job), id);
	return job->id;
}

int good_address(struct job *job)
{
	if (!job)
		return lamp_is(&job->node);
	return 0;
}

/* SPDX-License-Identifier: GPL-2.0-only */
/* A profile's samples as a tree: all, their VMs, modes, callers, functions: what flame graphs show.  Pure. */
#ifndef VMPERF_MODEL_PROFILE_TREE_H
#define VMPERF_MODEL_PROFILE_TREE_H

#include "profile_rows.h"

/* Nodes' kinds are their depths, up to this one. */
enum profile_level { PROFILE_TREE_ALL, PROFILE_TREE_VM, PROFILE_TREE_MODE, PROFILE_TREE_FRAME };

struct profile_node {
	uint32_t depth, parent; /* the root's parent is itself */
	enum profile_mode mode; /* of modes and frames */
	/* places: of VMs in the profile; of frames, in the texts of the tree */
	uint32_t vm, module, symbol;
	uint32_t next, child;           /* the next of one parent, the first child; 0: none */
	struct profile_weight sum, own; /* with all below; without */
};

struct profile_tree {
	const struct profile_rows *rows;
	uint32_t n;
	struct profile_node *nodes; /* the root first; children by their weight, then by their names; modes in
				       their order */
	const char **texts;         /* modules and symbols, raw bytes */
	uint32_t ntexts;
};

/* The hits that the rows' filter lets through; its limit does not matter. */
void profile_tree_make(struct profile_tree *ret, const struct profile_rows *r);
void profile_tree_free(struct profile_tree *t);

/* What a node is called: "all", the VM, the mode, the function; raw bytes. */
void profile_tree_name(const struct profile_tree *t, const struct profile_node *n, struct buf *ret);

/* The node that comes after this one when each stands before its children; 0: it was the last. */
uint32_t profile_tree_after(const struct profile_tree *t, uint32_t at);
/* The same without its children. */
uint32_t profile_tree_beside(const struct profile_tree *t, uint32_t at);

#endif

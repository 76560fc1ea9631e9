// SPDX-License-Identifier: GPL-2.0-only
// The flame graph of vmperf profile report: frames on a canvas, by two lists in the page: the texts, and of each frame
// (parents first, each before its children) depth, name, module (-1: none), mode (-1: none), weight and samples.
"use strict";
(() => {
	const byId = (id) => document.getElementById(id);
	const texts = JSON.parse(byId("texts").textContent);
	const flat = JSON.parse(byId("frames").textContent);
	const modes = ["sys", "user", "guest sys", "guest user", "other"];
	const FIELDS = 6, ROW = 21, LEAST = 0.4;
	const n = flat.length / FIELDS;
	const depth = i => flat[i * FIELDS], weight = i => flat[i * FIELDS + 4], samples = i => flat[i * FIELDS + 5];
	const mode = i => flat[i * FIELDS + 3];
	const name = i => texts[flat[i * FIELDS + 1]];
	const module = i => flat[i * FIELDS + 2] < 0 ? "" : texts[flat[i * FIELDS + 2]];
	const parent = new Int32Array(n), end = new Int32Array(n), start = new Float64Array(n);
	const canvas = byId("canvas"), ctx = canvas.getContext("2d"), tip = byId("tip"), search = byId("search");
	let zoom = 0, focus = 0, hover = -1, found = null, drawn = [];

	// where each frame begins, and the place behind the last one below it
	const path = [], next = [];
	for (let i = 0; i < n; i++) {
		const d = depth(i);
		while (path.length > d)
			end[path.pop()] = i;
		parent[i] = d ? path[d - 1] : 0;
		start[i] = d ? next[d - 1] : 0;
		if (d)
			next[d - 1] += weight(i);
		next[d] = start[i];
		path.push(i);
	}
	while (path.length)
		end[path.pop()] = n;

	const percent = (part, whole) => (whole ? 100 * part / whole : 0).toFixed(2) + "%";
	const count = v => v.toLocaleString("en-US") + (v === 1 ? " sample" : " samples");

	function above(i) {
		const list = [];
		for (let at = i; at; at = parent[at])
			list.unshift(at);
		return [0, ...list];
	}

	// the frames that can be seen, as rectangles
	function layout(width) {
		const list = [], scale = width / (weight(zoom) || 1);
		for (const i of above(zoom).slice(0, -1))
			list.push({ i, x: 0, y: depth(i) * ROW, w: width, over: true });
		for (let i = zoom; i < end[zoom];) {
			const w = weight(i) * scale;
			if (w < LEAST) {
				i = end[i];
				continue;
			}
			list.push({ i, x: (start[i] - start[zoom]) * scale, y: depth(i) * ROW, w });
			i++;
		}
		return list;
	}

	function shade(i) {
		const s = name(i) + module(i);
		let h = 0;
		for (let k = 0; k < s.length; k++)
			h = (h * 31 + s.charCodeAt(k)) | 0;
		return (h >>> 0) % 100 / 100;
	}

	function cut(text, room) {
		if (ctx.measureText(text).width <= room)
			return text;
		let least = 0, most = text.length;
		while (least < most) {
			const mid = (least + most + 1) >> 1;
			if (ctx.measureText(text.slice(0, mid) + "…").width <= room)
				least = mid;
			else
				most = mid - 1;
		}
		return least > 1 ? text.slice(0, least) + "…" : "";
	}

	function draw() {
		const width = canvas.parentElement.clientWidth, ratio = window.devicePixelRatio || 1;
		const style = getComputedStyle(document.documentElement), color = v => style.getPropertyValue(v).trim();
		const fills = modes.map((_, m) => color("--m" + m)), plain = color("--panel"), on = color("--on");
		const text = color("--text"), frame = color("--frame"), mark = color("--mark"), link = color("--link");
		let height = 0;

		drawn = layout(width);
		for (const r of drawn)
			height = Math.max(height, r.y + ROW);
		canvas.width = Math.round(width * ratio);
		canvas.height = Math.round(height * ratio);
		canvas.style.height = height + "px";
		ctx.setTransform(ratio, 0, 0, ratio, 0, 0);
		ctx.font = "12px system-ui, sans-serif";
		ctx.textBaseline = "middle";
		for (const r of drawn) {
			const m = mode(r.i), w = Math.max(r.w - (r.w > 3 ? 1 : 0), LEAST), h = ROW - 1;
			const hit = found && found[r.i];
			ctx.globalAlpha = r.over ? 0.55 : found && !hit ? 0.3 : 1;
			ctx.fillStyle = m < 0 ? plain : fills[m];
			ctx.fillRect(r.x, r.y, w, h);
			if (m >= 0 && depth(r.i) > 2) {
				ctx.globalAlpha *= 0.3 * shade(r.i);
				ctx.fillStyle = frame;
				ctx.fillRect(r.x, r.y, w, h);
				ctx.globalAlpha = found && !hit ? 0.3 : 1;
			}
			if (hit) {
				ctx.fillStyle = mark;
				ctx.fillRect(r.x, r.y + h - 3, w, 3);
			}
			if (r.w > 24) {
				const label = cut(name(r.i), r.w - 10);
				ctx.globalAlpha = found && !hit ? 0.6 : 1;
				ctx.fillStyle = m < 0 ? text : on;
				if (label)
					ctx.fillText(label, r.x + 5, r.y + h / 2 + 0.5);
			}
			ctx.globalAlpha = 1;
			if (r.i === hover || (r.i === focus && document.activeElement === canvas)) {
				ctx.strokeStyle = r.i === hover ? text : link;
				ctx.lineWidth = 2;
				ctx.strokeRect(r.x + 1, r.y + 1, Math.max(w - 2, 1), h - 2);
			}
		}
		canvas.dataset.zoom = name(zoom);
		canvas.dataset.frames = drawn.length;
		byId("reset").disabled = !zoom && !search.value;
	}

	// of what all is, the VM, the mode; of the frame, the module
	function about(i) {
		const list = above(i), words = [];
		if (depth(i) > 2) {
			words.push(module(i), name(list[2]) + " of " + name(list[1]));
		} else if (depth(i) === 2) {
			words.push("of " + name(list[1]));
		}
		words.push(percent(weight(i), weight(0)) + " of all");
		if (depth(i) > 1)
			words.push(percent(weight(i), weight(list[1])) + " of the VM");
		if (zoom && zoom !== i && depth(zoom) > 1)
			words.push(percent(weight(i), weight(zoom)) + " of " + name(zoom));
		words.push(count(samples(i)));
		return words.join(", ");
	}

	function tell(i) {
		byId("detail").textContent = name(i) + ": " + about(i);
	}

	function zoomTo(i) {
		zoom = focus = i;
		hover = -1;
		tip.hidden = true;
		look();
		tell(i);
	}

	// marks what the search means; its share counts no frame twice
	function look() {
		const what = search.value.toLowerCase();
		let sum = 0, times = 0;

		found = what ? new Uint8Array(n) : null;
		for (let i = zoom, covered = zoom; what && i < end[zoom]; i++) {
			if (!name(i).toLowerCase().includes(what) && !module(i).toLowerCase().includes(what))
				continue;
			found[i] = 1;
			times++;
			if (i >= covered) {
				sum += weight(i);
				covered = end[i];
			}
		}
		byId("found").textContent = what ? times + " found: " + percent(sum, weight(zoom)) +
			(zoom ? " of " + name(zoom) : "") : "";
		draw();
	}

	function at(event) {
		const box = canvas.getBoundingClientRect(), x = event.clientX - box.left, y = event.clientY - box.top;
		for (let k = drawn.length - 1; k >= 0; k--) {
			const r = drawn[k];
			if (y >= r.y && y < r.y + ROW && x >= r.x && x < r.x + Math.max(r.w, 1))
				return r.i;
		}
		return -1;
	}

	canvas.addEventListener("mousemove", event => {
		const i = at(event);
		if (i !== hover) {
			hover = i;
			draw();
		}
		tip.hidden = i < 0;
		canvas.style.cursor = i < 0 ? "default" : "pointer";
		if (i < 0)
			return;
		tip.replaceChildren();
		tip.append(Object.assign(document.createElement("b"), { textContent: name(i) }), about(i));
		const box = tip.getBoundingClientRect();
		const x = Math.min(event.clientX + 14, window.innerWidth - box.width - 8);
		const below = event.clientY + 18 + box.height < window.innerHeight;
		tip.style.left = Math.max(x, 8) + "px";
		tip.style.top = (below ? event.clientY + 18 : Math.max(event.clientY - box.height - 10, 4)) + "px";
	});
	canvas.addEventListener("mouseleave", () => {
		hover = -1;
		tip.hidden = true;
		draw();
	});
	canvas.addEventListener("click", event => {
		const i = at(event);
		if (i >= 0)
			zoomTo(i);
	});

	function sibling(i, step) {
		const seen = drawn.filter(r => depth(r.i) === depth(i)).map(r => r.i);
		return seen[seen.indexOf(i) + step] ?? i;
	}

	function reset() {
		search.value = "";
		zoomTo(0);
	}

	const keys = {
		ArrowUp: () => parent[focus],
		ArrowDown: () => end[focus] > focus + 1 ? focus + 1 : focus,
		ArrowLeft: () => sibling(focus, -1),
		ArrowRight: () => sibling(focus, 1),
		Home: () => zoom,
	};
	canvas.addEventListener("keydown", event => {
		if (event.ctrlKey || event.altKey || event.metaKey)
			return;
		if (event.key in keys) {
			focus = keys[event.key]();
			if (focus < zoom)
				zoom = focus;
			tell(focus);
			draw();
		} else if (event.key === "Enter" || event.key === " ") {
			zoomTo(focus);
		} else if (event.key === "Backspace") {
			zoomTo(parent[zoom]);
		} else {
			return;
		}
		event.preventDefault();
	});
	document.addEventListener("keydown", event => {
		if (event.key === "Escape") {
			reset();
			canvas.focus();
		} else if (event.key === "/" && document.activeElement !== search) {
			search.focus();
			event.preventDefault();
		}
	});
	canvas.addEventListener("focus", draw);
	canvas.addEventListener("blur", draw);
	search.addEventListener("input", look);
	byId("reset").addEventListener("click", reset);
	window.addEventListener("resize", draw);
	window.matchMedia("(prefers-color-scheme: dark)").addEventListener("change", draw);
	byId("graph").hidden = false;
	zoomTo(0);
})();

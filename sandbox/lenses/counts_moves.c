/*
 * Bytes that are moved: by memcpy(3) and memmove(3) as libpython calls them,
 * and item by item where lists and tuples are.
 *
 * libpython calls libc through its table of procedure linkage, in which our
 * functions are put: DT_JMPREL, as elf(5) has it.  What the compiler has made
 * into instructions, moves of a few bytes, is not seen; nor what realloc(3)
 * moves, which differs between two runs.  list.insert() and del of one item
 * move what is behind in a loop, which a compiler may make a call of memmove(3)
 * or not (ins1() and list_ass_item(), Objects/listobject.c); a slice, a copy
 * and a sum of lists or tuples copy one item after the other.
 */
#include "sandbox/lenses/counts.h"

#include <dlfcn.h>
#include <elf.h>
#include <link.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#if defined(__aarch64__)
#define JUMP_SLOT R_AARCH64_JUMP_SLOT
#else
#define JUMP_SLOT R_X86_64_JUMP_SLOT
#endif

typedef PyObject *(*insert_function)(
	PyObject *list, PyObject *const *args, Py_ssize_t n);

static struct {
	void *(*memcpy)(void *, const void *, size_t);
	void *(*memmove)(void *, const void *, size_t);
	void **memcpy_slot, **memmove_slot;
	PyMethodDef *insert_def, *copy_def;
	insert_function insert;
	PyCFunction copy;
	binaryfunc list_item, list_sum, tuple_item, tuple_sum;
	objobjargproc list_set;
} moves;

void
counts_moves_add(size_t bytes)
{
	if (!bytes || !counts_watching())
		return;
	counts_totals.moves++;
	counts_totals.moved_bytes += bytes;
}

static void *
our_memcpy(void *to, const void *from, size_t n)
{
	counts_moves_add(n);
	return moves.memcpy(to, from, n);
}

static void *
our_memmove(void *to, const void *from, size_t n)
{
	counts_moves_add(n);
	return moves.memmove(to, from, n);
}

/* The items behind one that came or went, unless memmove() told of them: `seen`
 * is what was moved before. */
static void
add_behind(Py_ssize_t size, PyObject *key, uint64_t seen)
{
	if (!PyLong_CheckExact(key) || counts_totals.moved_bytes != seen)
		return;
	Py_ssize_t at = PyLong_AsSsize_t(key);
	PyErr_Clear();
	at = at < 0 ? at + size : at;
	at = at < 0 ? 0 : at;
	if (at < size)
		counts_moves_add((size_t)(size - at) * sizeof(PyObject *));
}

static PyObject *
our_insert(PyObject *list, PyObject *const *args, Py_ssize_t n)
{
	Py_ssize_t had = PyList_GET_SIZE(list);
	uint64_t seen = counts_totals.moved_bytes;
	PyObject *none = moves.insert(list, args, n);

	if (none && n == 2)
		add_behind(had, args[0], seen);
	return none;
}

static int
our_list_set(PyObject *list, PyObject *key, PyObject *value)
{
	Py_ssize_t had = PyList_GET_SIZE(list);
	uint64_t seen = counts_totals.moved_bytes;
	int rc = moves.list_set(list, key, value);

	if (rc == 0 && !value && PyList_GET_SIZE(list) == had - 1 &&
		PyLong_CheckExact(key))
		add_behind(had - 1, key, seen);
	return rc;
}

static PyObject *
add_items(PyObject *made)
{
	if (made && (PyList_CheckExact(made) || PyTuple_CheckExact(made)))
		counts_moves_add((size_t)Py_SIZE(made) * sizeof(PyObject *));
	return made;
}

static PyObject *
our_copy(PyObject *list, PyObject *none)
{
	return add_items(moves.copy(list, none));
}

/* An item that is a list is no copy, what a slice makes is. */
static PyObject *
our_list_item(PyObject *list, PyObject *key)
{
	PyObject *made = moves.list_item(list, key);

	return PySlice_Check(key) ? add_items(made) : made;
}

static PyObject *
our_tuple_item(PyObject *tuple, PyObject *key)
{
	PyObject *made = moves.tuple_item(tuple, key);

	/* All of a tuple is itself. */
	return PySlice_Check(key) && made != tuple ? add_items(made) : made;
}

static PyObject *
our_list_sum(PyObject *a, PyObject *b)
{
	return add_items(moves.list_sum(a, b));
}

static PyObject *
our_tuple_sum(PyObject *a, PyObject *b)
{
	PyObject *made = moves.tuple_sum(a, b);

	return made == a || made == b ? made : add_items(made);
}

/* --- libpython's table ---------------------------------------------------- */

/* Where it lies: `file` is its beginning. */
struct library {
	char *file;
	const struct link_map *map;
};

/* glibc has made the addresses in its dynamic section absolute. */
static void *
place(const struct library *l, Elf64_Addr address)
{
	return l->file + (address - (uintptr_t)l->file);
}

/* A value of its dynamic section, 0 for none. */
static Elf64_Addr
find_dynamic(const struct library *l, Elf64_Sxword tag)
{
	for (const Elf64_Dyn *d = l->map->l_ld; d->d_tag != DT_NULL; d++)
		if (d->d_tag == tag)
			return d->d_un.d_ptr;
	return 0;
}

static void **
find_slot(const struct library *l, const char *name)
{
	Elf64_Addr table = find_dynamic(l, DT_JMPREL);
	Elf64_Addr symbols = find_dynamic(l, DT_SYMTAB);
	Elf64_Addr names = find_dynamic(l, DT_STRTAB);
	const Elf64_Rela *rela = place(l, table);
	const Elf64_Sym *symbol = place(l, symbols);
	const char *text = place(l, names);
	size_t n = find_dynamic(l, DT_PLTRELSZ) / sizeof(*rela);

	if (!table || !symbols || !names)
		return NULL;
	for (size_t i = 0; i < n; i++)
		if (ELF64_R_TYPE(rela[i].r_info) == JUMP_SLOT &&
			strcmp(text + symbol[ELF64_R_SYM(rela[i].r_info)]
						.st_name,
				name) == 0)
			return place(l, l->map->l_addr + rela[i].r_offset);
	return NULL;
}

static int
find_slots(struct fail *f)
{
	struct link_map *map;
	Dl_info info;

	/* Of data there may be a copy in the program. */
	if (!dladdr1(dlsym(RTLD_DEFAULT, "PyList_New"), &info, (void **)&map,
		    RTLD_DL_LINKMAP))
		return fail_set(f, "libpython is not where it should be");
	const struct library l = {info.dli_fbase, map};
	moves.memcpy_slot = find_slot(&l, "memcpy");
	moves.memmove_slot = find_slot(&l, "memmove");
	*(void **)&moves.memcpy = dlsym(RTLD_DEFAULT, "memcpy");
	*(void **)&moves.memmove = dlsym(RTLD_DEFAULT, "memmove");
	if (!moves.memcpy_slot || !moves.memmove_slot || !moves.memcpy ||
		!moves.memmove)
		return fail_set(f, "libpython calls memcpy otherwise than "
				   "expected");
	return 0;
}

/* A table that is linked at once is read-only from then on. */
static int
make_writable(void *slot)
{
	uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE);
	char *begin = (char *)slot - ((uintptr_t)slot & (page - 1));

	return mprotect(begin, page, PROT_READ | PROT_WRITE);
}

static PyMethodDef *
find_method(const char *name, int flags)
{
	PyMethodDef *def = PyList_Type.tp_methods;

	while (def->ml_name && strcmp(def->ml_name, name) != 0)
		def++;
	return def->ml_name && def->ml_flags == flags ? def : NULL;
}

int
counts_moves_warm(struct fail *f)
{
	moves.insert_def = find_method("insert", METH_FASTCALL);
	moves.copy_def = find_method("copy", METH_NOARGS);
	if (!moves.insert_def || !moves.copy_def)
		return fail_set(f, "list.insert is not as expected");
	moves.insert =
		(insert_function)(void (*)(void))moves.insert_def->ml_meth;
	moves.copy = moves.copy_def->ml_meth;
	moves.list_item = PyList_Type.tp_as_mapping->mp_subscript;
	moves.list_set = PyList_Type.tp_as_mapping->mp_ass_subscript;
	moves.list_sum = PyList_Type.tp_as_sequence->sq_concat;
	moves.tuple_item = PyTuple_Type.tp_as_mapping->mp_subscript;
	moves.tuple_sum = PyTuple_Type.tp_as_sequence->sq_concat;
	return find_slots(f);
}

void
counts_moves_begin(void)
{
	moves.insert_def->ml_meth = (PyCFunction)(void (*)(void))our_insert;
	moves.copy_def->ml_meth = our_copy;
	PyList_Type.tp_as_mapping->mp_subscript = our_list_item;
	PyList_Type.tp_as_mapping->mp_ass_subscript = our_list_set;
	PyList_Type.tp_as_sequence->sq_concat = our_list_sum;
	PyTuple_Type.tp_as_mapping->mp_subscript = our_tuple_item;
	PyTuple_Type.tp_as_sequence->sq_concat = our_tuple_sum;
	if (make_writable(moves.memcpy_slot) == 0)
		*(void **)moves.memcpy_slot = (void *)&our_memcpy;
	if (make_writable(moves.memmove_slot) == 0)
		*(void **)moves.memmove_slot = (void *)&our_memmove;
}

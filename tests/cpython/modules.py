"""Which modules of CPython's test suite are run, and in how many parts."""

# Module: (parts, how many of them are run). What covers most in little time, for every day.
EVERY_DAY = {
    "test_builtin": (1, 1),
    "test_collections": (1, 1),
    "test_dict": (1, 1),
    "test_generators": (1, 1),
    "test_list": (1, 1),
    "test_gc": (4, 1),
    "test_set": (8, 1),
    "test_unicode": (4, 1),
    "test_mmap": (1, 1),
    "test_tempfile": (8, 1),
    "test_asyncio.test_tasks": (10, 1),
    "test_threading": (16, 1),
    "test_multiprocessing_fork": (40, 1),
    "test_multiprocessing_spawn": (100, 1),
    "test_multiprocessing_forkserver": (60, 1),
    "test_ctypes": (4, 1),
    "test_subprocess": (16, 1),
    "test_socket": (8, 1),
    "test_io": (12, 1),
}

# What `make test-cpython` compares as a whole. Not yet: what is not here. Left out for good: test_asyncio.test_streams and
# test_httpservers, whose tests wait without end for a server that could not have its socket of AF_INET, and test_largefile, which
# writes gigabytes.
WHOLE = """
test___all__ test___future__ test__locale test__opcode test__osx_support test__xxsubinterpreters test_abc test_abstract_numbers
test_aifc test_argparse test_array test_asdl_parser test_ast test_asyncgen test_asynchat test_asyncio.test_base_events
test_asyncio.test_subprocess test_asyncio.test_tasks test_asyncio.test_unix_events test_asyncore test_atexit test_audioop
test_audit test_augassign test_base64 test_baseexception test_bdb test_bigaddrspace test_bigmem test_binascii test_binop
test_bisect test_bool test_buffer test_bufio test_builtin test_bytes test_bz2 test_c_locale_coercion test_calendar test_call
test_cgi test_cgitb test_charmapcodec test_check_c_globals test_class test_clinic test_cmath test_cmd test_cmd_line
test_cmd_line_script test_code test_code_module test_codeccallbacks test_codecencodings_cn test_codecencodings_hk
test_codecencodings_iso2022 test_codecencodings_jp test_codecencodings_kr test_codecencodings_tw test_codecmaps_cn
test_codecmaps_hk test_codecmaps_jp test_codecmaps_kr test_codecmaps_tw test_codecs test_codeop test_collections test_colorsys
test_compare test_compile test_compileall test_complex test_configparser test_contains test_context test_contextlib
test_contextlib_async test_copy test_copyreg test_coroutines test_cprofile test_crashers test_crypt test_csv test_ctypes
test_curses test_dataclasses test_datetime test_dbm test_dbm_dumb test_dbm_gnu test_dbm_ndbm test_decorators test_defaultdict
test_deque test_descr test_descrtut test_devpoll test_dict test_dict_version test_dictcomps test_dictviews test_difflib test_dis
test_doctest test_doctest2 test_dtrace test_dynamic test_dynamicclassattribute test_eintr test_email test_enum test_enumerate
test_eof test_epoll test_errno test_except_star test_exception_group test_exception_hierarchy test_exception_variations
test_exceptions test_extcall test_faulthandler test_fcntl test_file test_file_eintr test_filecmp test_fileinput test_fileio
test_fileutils test_finalization test_float test_flufl test_fnmatch test_fork1 test_format test_fractions test_frame test_frozen
test_fstring test_funcattrs test_functools test_future test_future3 test_future4 test_future5 test_gc test_gdb
test_generator_stop test_generators test_genericalias test_genericclass test_genericpath test_genexps test_getopt test_getpass
test_getpath test_gettext test_glob test_global test_grammar test_graphlib test_grp test_gzip test_hash test_hashlib test_heapq
test_hmac test_html test_htmlparser test_http_cookiejar test_http_cookies test_imghdr test_imp test_import test_index
test_inspect test_int test_int_literal test_interpreters test_io test_ioctl test_ipaddress test_isinstance test_iter
test_iterlen test_itertools test_json test_keyword test_keywordonlyarg test_kqueue test_launcher test_linecache test_list
test_listcomps test_lltrace test_locale test_long test_longexp test_lzma test_mailbox test_mailcap test_marshal test_math
test_memoryio test_memoryview test_metaclass test_mimetypes test_minidom test_mmap test_module test_modulefinder test_msilib
test_multibytecodec test_opcodes test_openpty test_os test_pathlib test_pdb test_pickle test_platform test_poll test_popen
test_posix test_posixpath test_pty test_pwd test_pydoc test_queue test_random test_re test_resource test_runpy test_sched
test_secrets test_select test_selectors test_set test_shelve test_shutil test_signal test_site test_socket test_stat test_struct
test_support test_sys test_sys_setprofile test_sys_settrace test_sysconfig test_syslog test_tarfile test_tempfile test_thread
test_threading test_threadsignals test_time test_traceback test_tracemalloc test_types test_typing test_unicode test_unittest
test_uuid test_wait3 test_wait4 test_warnings test_weakref test_zipfile test_zlib
""".split()

# Those that take longer than a run may, in their parts.
PARTS = {"test_compileall": 3, "test_signal": 3, "test_asyncio.test_tasks": 3, "test_lzma": 9}

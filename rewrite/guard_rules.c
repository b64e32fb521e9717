/* What SELECT, INSERT, UPDATE and DELETE may be made of. Raw parse trees know about seventy message types in
 * them; a type, field or value that is missing here is refused, so that a newer grammar fails closed.
 *
 * Left out on purpose: fields that only analysis fills in (`xpr`, OIDs, type modifiers of results, …), and
 * those named in hg_guard_names. */
#include "guard_rules.h"

#define BIT(value)        (1u << PG_QUERY__##value)
#define FROM(first, last) ((2u << PG_QUERY__##last) - (1u << PG_QUERY__##first))
#define COUNT(list)       (sizeof(list) / sizeof((list)[0]))
#define MESSAGE(name)     &pg_query__##name##__descriptor

const struct hg_guard_message hg_guard_messages[] = {
    /* statements and their clauses */
    {MESSAGE(select_stmt),
     "distinct_clause target_list from_clause where_clause group_clause group_distinct having_clause "
     "window_clause values_lists sort_clause limit_offset limit_count limit_option locking_clause "
     "with_clause "
     "op all larg rarg"},
    {MESSAGE(insert_stmt),
     "relation cols select_stmt on_conflict_clause returning_list with_clause override"},
    {MESSAGE(update_stmt), "relation target_list where_clause from_clause returning_list with_clause"},
    {MESSAGE(delete_stmt), "relation using_clause where_clause returning_list with_clause"},
    {MESSAGE(on_conflict_clause), "action infer target_list where_clause location"},
    {MESSAGE(infer_clause), "index_elems conname location"},
    {MESSAGE(index_elem), "name ordering nulls_ordering"},
    {MESSAGE(multi_assign_ref), "source colno ncolumns"},
    {MESSAGE(set_to_default), "location"},
    {MESSAGE(locking_clause), "locked_rels strength wait_policy"},
    {MESSAGE(copy_stmt), "relation attlist is_from options"}, /* FROM STDIN; TO carries a query */
    {MESSAGE(def_elem), "defname arg defaction location"},
    {MESSAGE(with_clause), "ctes recursive location"},
    {MESSAGE(common_table_expr),
     "ctename aliascolnames ctematerialized ctequery search_clause cycle_clause location"},
    {MESSAGE(ctesearch_clause), "search_col_list search_breadth_first search_seq_column location"},
    {MESSAGE(ctecycle_clause),
     "cycle_col_list cycle_mark_column cycle_mark_value cycle_mark_default cycle_path_column location"},
    {MESSAGE(res_target), "name indirection val location"},
    {MESSAGE(sort_by), "node sortby_dir sortby_nulls use_op location"},
    {MESSAGE(grouping_set), "kind content location"},
    {MESSAGE(window_def),
     "name refname partition_clause order_clause frame_options start_offset end_offset location"},

    /* FROM */
    {MESSAGE(range_var), "catalogname schemaname relname inh relpersistence alias location"},
    {MESSAGE(range_subselect), "lateral subquery alias"},
    {MESSAGE(range_function), "lateral ordinality is_rowsfrom functions alias coldeflist"},
    {MESSAGE(range_table_sample), "relation method args repeatable location"},
    {MESSAGE(join_expr), "jointype is_natural larg rarg using_clause join_using_alias quals alias"},
    {MESSAGE(alias), "aliasname colnames"},
    {MESSAGE(column_def), "colname type_name is_local coll_clause location"},

    /* expressions */
    {MESSAGE(column_ref), "fields location"},
    {MESSAGE(a__star), ""},
    {MESSAGE(param_ref), "number location"},
    {MESSAGE(a__const), "ival fval boolval sval bsval isnull location"},
    {MESSAGE(a__expr), "kind name lexpr rexpr location"},
    {MESSAGE(bool_expr), "boolop args location"},
    {MESSAGE(func_call),
     "funcname args agg_order agg_filter over agg_within_group agg_star agg_distinct func_variadic "
     "funcformat location"},
    {MESSAGE(named_arg_expr), "arg name argnumber location"},
    {MESSAGE(grouping_func), "args location"},
    {MESSAGE(sub_link), "sub_link_type testexpr oper_name subselect location"},
    {MESSAGE(case_expr), "arg args defresult location"},
    {MESSAGE(case_when), "expr result location"},
    {MESSAGE(coalesce_expr), "args location"},
    {MESSAGE(min_max_expr), "op args location"},
    {MESSAGE(null_test), "arg nulltesttype location"},
    {MESSAGE(boolean_test), "arg booltesttype location"},
    {MESSAGE(sqlvalue_function), "op typmod location"},
    {MESSAGE(row_expr), "args row_format location"},
    {MESSAGE(a__array_expr), "elements location"},
    {MESSAGE(a__indirection), "arg indirection"},
    {MESSAGE(a__indices), "is_slice lidx uidx"},
    {MESSAGE(type_cast), "arg type_name location"},
    {MESSAGE(type_name), "names typmods typemod array_bounds location"},
    {MESSAGE(collate_clause), "arg collname location"},
    {MESSAGE(xml_expr), "op name named_args args xmloption location"},
    {MESSAGE(xml_serialize), "xmloption expr type_name location"},

    /* values */
    {MESSAGE(integer), "ival"},
    {MESSAGE(float), "fval"},
    {MESSAGE(boolean), "boolval"},
    {MESSAGE(string), "sval"},
    {MESSAGE(bit_string), "bsval"},
    {MESSAGE(list), "items"},
};
const size_t hg_guard_nmessages = COUNT(hg_guard_messages);

const struct hg_guard_values hg_guard_values[] = {
    {MESSAGE(select_stmt), "op", FROM(SET_OPERATION__SETOP_NONE, SET_OPERATION__SETOP_EXCEPT)},
    {MESSAGE(select_stmt), "limit_option",
     FROM(LIMIT_OPTION__LIMIT_OPTION_DEFAULT, LIMIT_OPTION__LIMIT_OPTION_WITH_TIES)},
    {MESSAGE(insert_stmt), "override",
     FROM(OVERRIDING_KIND__OVERRIDING_NOT_SET, OVERRIDING_KIND__OVERRIDING_SYSTEM_VALUE)},
    {MESSAGE(on_conflict_clause), "action",
     FROM(ON_CONFLICT_ACTION__ONCONFLICT_NOTHING, ON_CONFLICT_ACTION__ONCONFLICT_UPDATE)},
    {MESSAGE(index_elem), "ordering", BIT(SORT_BY_DIR__SORTBY_DEFAULT)},
    {MESSAGE(index_elem), "nulls_ordering", BIT(SORT_BY_NULLS__SORTBY_NULLS_DEFAULT)},
    {MESSAGE(def_elem), "defaction", BIT(DEF_ELEM_ACTION__DEFELEM_UNSPEC)},
    {MESSAGE(locking_clause), "strength",
     FROM(LOCK_CLAUSE_STRENGTH__LCS_FORKEYSHARE, LOCK_CLAUSE_STRENGTH__LCS_FORUPDATE)},
    {MESSAGE(locking_clause), "wait_policy",
     FROM(LOCK_WAIT_POLICY__LockWaitBlock, LOCK_WAIT_POLICY__LockWaitError)},
    {MESSAGE(common_table_expr), "ctematerialized",
     FROM(CTEMATERIALIZE__CTEMaterializeDefault, CTEMATERIALIZE__CTEMaterializeNever)},
    {MESSAGE(sort_by), "sortby_dir", FROM(SORT_BY_DIR__SORTBY_DEFAULT, SORT_BY_DIR__SORTBY_USING)},
    {MESSAGE(sort_by), "sortby_nulls",
     FROM(SORT_BY_NULLS__SORTBY_NULLS_DEFAULT, SORT_BY_NULLS__SORTBY_NULLS_LAST)},
    {MESSAGE(grouping_set), "kind",
     FROM(GROUPING_SET_KIND__GROUPING_SET_EMPTY, GROUPING_SET_KIND__GROUPING_SET_SETS)},
    {MESSAGE(join_expr), "jointype", FROM(JOIN_TYPE__JOIN_INNER, JOIN_TYPE__JOIN_RIGHT)},
    {MESSAGE(a__expr), "kind", FROM(A__EXPR__KIND__AEXPR_OP, A__EXPR__KIND__AEXPR_NOT_BETWEEN_SYM)},
    {MESSAGE(bool_expr), "boolop", FROM(BOOL_EXPR_TYPE__AND_EXPR, BOOL_EXPR_TYPE__NOT_EXPR)},
    {MESSAGE(func_call), "funcformat",
     BIT(COERCION_FORM__COERCE_EXPLICIT_CALL) | BIT(COERCION_FORM__COERCE_SQL_SYNTAX)},
    {MESSAGE(sub_link), "sub_link_type",
     BIT(SUB_LINK_TYPE__EXISTS_SUBLINK) | BIT(SUB_LINK_TYPE__ALL_SUBLINK) | BIT(SUB_LINK_TYPE__ANY_SUBLINK) |
         BIT(SUB_LINK_TYPE__EXPR_SUBLINK) | BIT(SUB_LINK_TYPE__ARRAY_SUBLINK)},
    {MESSAGE(min_max_expr), "op", FROM(MIN_MAX_OP__IS_GREATEST, MIN_MAX_OP__IS_LEAST)},
    {MESSAGE(null_test), "nulltesttype", FROM(NULL_TEST_TYPE__IS_NULL, NULL_TEST_TYPE__IS_NOT_NULL)},
    {MESSAGE(boolean_test), "booltesttype", FROM(BOOL_TEST_TYPE__IS_TRUE, BOOL_TEST_TYPE__IS_NOT_UNKNOWN)},
    {MESSAGE(sqlvalue_function), "op",
     FROM(SQLVALUE_FUNCTION_OP__SVFOP_CURRENT_DATE, SQLVALUE_FUNCTION_OP__SVFOP_CURRENT_SCHEMA)},
    {MESSAGE(row_expr), "row_format",
     BIT(COERCION_FORM__COERCE_EXPLICIT_CALL) | BIT(COERCION_FORM__COERCE_IMPLICIT_CAST)},
    {MESSAGE(xml_expr), "op", FROM(XML_EXPR_OP__IS_XMLCONCAT, XML_EXPR_OP__IS_DOCUMENT)},
    {MESSAGE(xml_expr), "xmloption",
     FROM(XML_OPTION_TYPE__XMLOPTION_DOCUMENT, XML_OPTION_TYPE__XMLOPTION_CONTENT)},
    {MESSAGE(xml_serialize), "xmloption",
     FROM(XML_OPTION_TYPE__XMLOPTION_DOCUMENT, XML_OPTION_TYPE__XMLOPTION_CONTENT)},
};
const size_t hg_guard_nvalues = COUNT(hg_guard_values);

const struct hg_guard_name hg_guard_names[] = {
    {MESSAGE(select_stmt), "into_clause", "SELECT INTO", "Leave out INTO to get the rows themselves."},
    {MESSAGE(merge_stmt), NULL, "MERGE in WITH", "Use INSERT … ON CONFLICT, UPDATE and DELETE."},
    {MESSAGE(infer_clause), "where_clause", "a condition in the target of ON CONFLICT",
     "Name the columns of a key that has no condition."},
    {MESSAGE(index_elem), "expr", "an expression in the target of ON CONFLICT",
     "Name the columns of a key that has no expressions."},
    {MESSAGE(index_elem), "collation", "COLLATE in the target of ON CONFLICT", "Name the columns alone."},
    {MESSAGE(index_elem), "opclass", "an operator class in the target of ON CONFLICT",
     "Name the columns alone."},
    {MESSAGE(range_table_func), NULL, "XMLTABLE", "xpath() with unnest() gives rows from XML, too."},
    {MESSAGE(current_of_expr), NULL, "WHERE CURRENT OF", "Name the row by its key."},
    {MESSAGE(type_name), "setof", "SETOF", NULL},
    {MESSAGE(type_name), "pct_type", "%TYPE", "Name the type itself."},
};
const size_t hg_guard_nnames = COUNT(hg_guard_names);

/*
 * Code that is not needed for now.
 */
#ifndef SANDBOX_CODE_H
#define SANDBOX_CODE_H

/* Zygote that nothing was asked of for a while: the pages of its program and
 * its libraries that are never written to, and that it maps from their files,
 * are no more its own, nor are the page tables for them.  They stay in the page
 * cache while there is room, and each is found again when it is used.  What
 * huge_code() copied stays. */
void code_let_go(void);

#endif

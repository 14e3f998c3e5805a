/** Table schema and the codecs of keys, rows and index entries. */
package io.arrowraft.table;

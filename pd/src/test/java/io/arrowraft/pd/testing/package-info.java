/** Hand-written stand-ins for the ports of the placement driver. */
package io.arrowraft.pd.testing;

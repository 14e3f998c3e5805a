/**
 * A cluster of a hundred stores and a hundred thousand regions in memory, on which the production
 * schedulers and checkers work in simulated time. Stores obey orders as real ones do, copy data at
 * a limited rate, fail and join.
 */
package io.arrowraft.pd.simulator;

using System.Diagnostics;
using Winnow.Contracts;
using Winnow.Contracts.V1;
using Winnow.GpuWorker.Devices;
using Winnow.GpuWorker.Engine;
using Winnow.GpuWorker.Wire;
using Winnow.Inference.Drafting;

namespace Winnow.GpuWorker.Drafting;

/// <summary>One draft round on the device. A failed round is answered with its error; drafting goes on, since drafts are only guesses.</summary>
internal sealed partial class DraftWork(DraftSession session, DraftRequest request, DeviceLoop device, ILogger logger) : DeviceWork
{
    private readonly ILogger _logger = logger;

    /// <inheritdoc/>
    public override void Run()
    {
        if (session.Token.IsCancellationRequested)
        {
            return;
        }
        try
        {
            IReadOnlyList<Inference.Drafting.DraftQuery> queries = DraftCodec.Decode(request);
            session.Reply(Propose(queries));
            session.Ahead.Begin(queries, request.Closes, device, _logger);
        }
        catch (OperationCanceledException) when (session.Token.IsCancellationRequested)
        {
            // The call is over; nobody waits for these proposals.
        }
        catch (DeviceException exception)
        {
            Abandon(exception);
            throw;
        }
        catch (Exception exception)
        {
            LogFailed(exception, request.Round, request.Replica);
            session.Reply(Failed(exception.Message));
        }
    }

    /// <inheritdoc/>
    public override void Abandon(Exception reason) => session.Reply(Failed($"The device's loop ended: {reason.Message}"));

    private DraftReply Propose(IReadOnlyList<Inference.Drafting.DraftQuery> queries)
    {
        long began = Stopwatch.GetTimestamp();
        IDraftEngine engine = session.Host.EngineFor(session);
        IReadOnlyList<Inference.Drafting.DraftProposal> proposals = engine.Propose(queries, request.Closes, session.Token);
        TimeSpan elapsed = Stopwatch.GetElapsedTime(began);
        DraftReply reply = DraftCodec.Encode(request, proposals, (long)elapsed.TotalMicroseconds);
        WorkerMetrics.DraftRounds.Inc();
        WorkerMetrics.DraftTokens.Inc(reply.Proposals.Sum(p => p.Tokens.Count));
        foreach (Inference.Drafting.DraftProposal proposal in proposals)
        {
            if (proposal.Tokens.Length > 0)
            {
                WorkerMetrics.DraftStopped(proposal.Stop);
            }
        }
        WorkerMetrics.DraftSeconds.Observe(elapsed.TotalSeconds);
        return reply;
    }

    private DraftReply Failed(string reason) => new()
    {
        Replica = request.Replica,
        Round = request.Round,
        Error = new ErrorDetail { Type = WorkerErrorTypes.DraftFailed, Message = $"Draft round '{request.Round}' failed: {reason}" },
    };

    [LoggerMessage(EventId = 2401, Level = LogLevel.Error, Message = "Draft round {Round} of replica {Replica} threw.")]
    private partial void LogFailed(Exception exception, long round, string replica);
}
